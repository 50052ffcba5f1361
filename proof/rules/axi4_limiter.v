// What the limiter of the write channels promises a master, the guard behind it, and the control side. One burst is followed, any one.
// Data come as they like, with `wlast` anywhere, or not at all. The guard answers what it has got whole, in the order of an identifier.
module proof (
    input wire        clock,
    input wire        reset,
    input wire        offered,
    input wire        id,
    input wire [7:0]  len,
    input wire        guard_ready,
    input wire        data_valid,
    input wire [36:0] data_beat,
    input wire        guard_data_ready,
    input wire        response_valid,
    input wire [2:0]  response,
    input wire        taker_ready,
    input wire        expired,
    input wire        pick
);
    wire        ready, guard_offered, data_ready, guard_valid, valid, stalls, misled;
    wire [36:0] guard_beat;
    wire [2:0]  answer;

    write_limiter limiter (
        .clock(clock), .reset(reset), .offered(offered), .id(id), .len(len), .ready(ready), .guard_offered(guard_offered),
        .guard_ready(guard_ready), .data_valid(data_valid), .data_beat(data_beat), .data_ready(data_ready), .guard_valid(guard_valid),
        .guard_beat(guard_beat), .guard_data_ready(guard_data_ready), .response_valid(response_valid), .response(response),
        .valid(valid), .answer(answer), .taker_ready(taker_ready), .expired(expired), .stalls(stalls), .misled(misled)
    );

    reg started;
    initial started = 1'b0;
    always @(posedge clock) started <= 1'b1;
    always @(*) if (!started) assume (reset);

    wire takes = offered & ready;
    wire sends = data_valid & data_ready;
    wire gets = guard_valid & guard_data_ready;
    wire gives = valid & taker_ready;

    // The order of the bursts, as the master sends their data and as the guard gets them: at most two are under way.
    reg [1:0] sending, getting;
    reg [7:0] send_0, send_1, get_0, get_1, sent, got;
    reg       get_id_0, get_id_1;
    wire sent_whole = sends & (data_beat[36] | (sent == send_0));
    wire got_whole = gets & (guard_beat[36] | (got == get_0));
    always @(posedge clock) begin
        if (sends) sent <= sent_whole ? 8'h0 : sent + 8'h1;
        if (gets) got <= got_whole ? 8'h0 : got + 8'h1;
        if (sent_whole) send_0 <= send_1;
        if (got_whole) begin get_0 <= get_1; get_id_0 <= get_id_1; end
        if (takes) begin
            if (sending == {1'b0, sent_whole}) send_0 <= len; else send_1 <= len;
            if (getting == {1'b0, got_whole}) begin get_0 <= len; get_id_0 <= id; end
            else begin get_1 <= len; get_id_1 <= id; end
        end
        sending <= sending + takes - sent_whole;
        getting <= getting + takes - got_whole;
        if (reset) begin sending <= 0; getting <= 0; sent <= 0; got <= 0; end
    end

    // The guard answers what it has got whole.
    reg [1:0] whole_0, whole_1;
    always @(posedge clock) begin
        whole_0 <= whole_0 + (got_whole & !get_id_0) - (response_valid & !response[0]);
        whole_1 <= whole_1 + (got_whole & get_id_0) - (response_valid & response[0]);
        if (reset) begin whole_0 <= 0; whole_1 <= 0; end
    end

    // The burst that is followed: what of its identifier was answered before, what was sent before, whether it was cut off.
    reg       picked, sent_mine, cut, answered, its_id;
    reg [1:0] before, alike;
    reg [1:0] open_0, open_1;
    wire picks = takes & pick & !picked;
    wire mine_next = (before == 0) & picked & !sent_mine;
    wire answers_mine = gives & picked & !answered & (answer[0] == its_id) & (alike == 0);
    always @(posedge clock) begin
        open_0 <= open_0 + (takes & !id) - (gives & !answer[0]);
        open_1 <= open_1 + (takes & id) - (gives & answer[0]);
        if (picks) begin
            picked <= 1'b1; its_id <= id;
            before <= sending - sent_whole;
            alike <= id ? open_1 - (gives & answer[0]) : open_0 - (gives & !answer[0]);
        end
        if (picked & (before != 0) & sent_whole) before <= before - 2'd1;
        if (mine_next & sent_whole) sent_mine <= 1'b1;
        if (picked & (alike != 0) & gives & (answer[0] == its_id)) alike <= alike - 2'd1;
        if (answers_mine) answered <= 1'b1;
        if (stalls & picked & !sent_mine & !(mine_next & sent_whole)) cut <= 1'b1;
        if (reset) begin
            picked <= 0; sent_mine <= 0; cut <= 0; answered <= 0; before <= 0; alike <= 0; open_0 <= 0; open_1 <= 0;
        end
    end

    // Since bursts were ended: the cycles in which nothing that came whole awaits its answer.
    reg       ended;
    reg [1:0] free;
    always @(posedge clock) begin
        if (stalls) ended <= 1'b1;
        else if (getting == 0) ended <= 1'b0;
        if (!ended) free <= 2'd0;
        else if (free != 2'd3) free <= free + {1'b0, ((whole_0 == 0) & (whole_1 == 0)) | (free != 0)};
        if (reset) begin ended <= 1'b0; free <= 2'd0; end
    end

    reg        answer_waits, beat_waits;
    reg [2:0]  last_answer;
    reg [36:0] last_data_beat;
    always @(posedge clock) begin
        answer_waits <= !reset & valid & !taker_ready;
        last_answer <= answer;
        beat_waits <= !reset & data_valid & !data_ready;
        last_data_beat <= data_beat;
    end

    always @(*) begin
        // The world.
        assume (len < 8'd2);
        assume (!response_valid | (response[0] ? whole_1 != 0 : whole_0 != 0));
        if (started & beat_waits) assume (data_valid & (data_beat == last_data_beat));
        if (started & !reset) begin
            if (answer_waits) stays_answer: assert (valid & (answer == last_answer));
            // An answer comes after the last beat, with an error where the burst was cut off; none without a burst.
            if (valid & picked & !answered & (answer[0] == its_id) & (alike == 0)) after_data: assert (sent_mine);
            if (valid & picked & !answered & (answer[0] == its_id) & (alike == 0) & cut) told: assert (answer[2:1] == 2'b10);
            if (valid) was_taken: assert (answer[0] ? open_1 != 0 : open_0 != 0);
            // What a master sends of a burst that was cut off goes nowhere; what is made up has no strobe.
            if (sends & mine_next & cut) late: assert (!guard_valid);
            if (guard_valid & !sends) made_up: assert ((guard_beat[35:32] == 4'h0) | (data_valid & (guard_beat == data_beat)));
            // The guard gets no beat without a burst.
            if (guard_valid) was_announced: assert (getting != 0);
            // Once bursts were ended, the guard gets their missing beats without a pause, whatever the master does.
            if (ended & (free == 2'd3) & (getting != 0)) fills: assert (guard_valid);
        end
    end
endmodule
