// What AXI4 asks of the write channels of the guard, and what the guard promises. Two bursts of identifier 1 are followed, any two;
// identifier 0 is anybody's and the scrubber's. Data come as they like, with `wlast` anywhere. The memory answers in order, what it has
// got whole, and OKAY.
module proof (
    input wire        clock,
    input wire        reset,
    input wire        offered,
    input wire [15:0] address,
    input wire [37:0] attributes,
    input wire        asked,
    input wire        reported,
    input wire [23:0] translated,
    input wire [23:0] checked,
    input wire        taken,
    input wire        data_valid,
    input wire [36:0] data_beat,
    input wire        memory_ready,
    input wire        response_valid,
    input wire [2:0]  response,
    input wire        taker_ready,
    input wire        scrub,
    input wire [15:0] scrub_address,
    input wire        fence,
    input wire        misled
);
    wire        ready, asks, reports, forwards, data_ready, memory_valid, response_ready, valid, scrub_taken, scrubbing, fenced;
    wire        starved, data_caught;
    wire [7:0]  starved_tenant;
    wire [15:0] starved_address;
    wire [39:0] question, report;
    wire [3:0]  asker;
    wire [15:0] physical;
    wire [37:0] forwarded;
    wire [36:0] memory_beat;
    wire [2:0]  answer;

    write_guard guard (
        .clock(clock), .reset(reset), .offered(offered), .address(address), .attributes(attributes), .ready(ready), .asks(asks),
        .question(question), .asker(asker), .asked(asked), .reports(reports), .report(report), .reported(reported),
        .translated(translated), .checked(checked), .forwards(forwards), .physical(physical), .forwarded(forwarded),
        .taken(taken), .data_valid(data_valid), .data_beat(data_beat), .data_ready(data_ready), .memory_valid(memory_valid),
        .memory_beat(memory_beat), .memory_ready(memory_ready), .response_valid(response_valid), .response(response),
        .response_ready(response_ready), .valid(valid), .answer(answer), .taker_ready(taker_ready), .scrub(scrub),
        .scrub_address(scrub_address), .scrub_taken(scrub_taken), .scrubbing(scrubbing), .fence(fence), .fenced(fenced), .misled(misled),
        .starved(starved), .starved_tenant(starved_tenant), .starved_address(starved_address), .data_caught(data_caught)
    );

    reg started;
    initial started = 1'b0;
    always @(posedge clock) started <= 1'b1;
    always @(*) if (!started) assume (reset);

    // The bursts that are followed: 0 and 1, in the order in which they came.
    reg [1:0]  came, resolved, granted, checking, left, done, held, staged;
    reg [37:0] said_0, said_1;
    reg [15:0] asked_0, asked_1, place_0, place_1;
    reg [3:0]  index_0, index_1;
    wire mine = offered & ready & attributes[0];
    wire [1:0] hears = {
        held[1] & !resolved[1] & ((!checking[1] & translated[0] & (translated[4:1] == index_1)) | (checking[1] & checked[0] & (checked[4:1] == index_1))),
        held[0] & !resolved[0] & ((!checking[0] & translated[0] & (translated[4:1] == index_0)) | (checking[0] & checked[0] & (checked[4:1] == index_0)))
    };
    wire first_leaves = !left[0] & resolved[0] & granted[0];
    wire leaves = forwards & forwarded[0];
    wire second = done[0];

    always @(posedge clock) begin
        if (offered & ready) staged <= 2'b00;
        if (asked) staged <= 2'b00;
        if (mine & !came[0]) begin came[0] <= 1'b1; staged <= 2'b01; said_0 <= attributes; asked_0 <= address; end
        if (mine & came[0]) begin came[1] <= 1'b1; staged <= 2'b10; said_1 <= attributes; asked_1 <= address; end
        if (asked & staged[0]) begin held[0] <= 1'b1; index_0 <= asker; end
        if (asked & staged[1]) begin held[1] <= 1'b1; index_1 <= asker; end
        if (hears[0]) begin
            if (!checking[0] & !translated[5] & translated[6]) checking[0] <= 1'b1;
            else begin
                resolved[0] <= 1'b1;
                granted[0] <= checking[0] ? checked[5] : translated[5] & !translated[7];
                place_0 <= checking[0] ? checked[23:8] : translated[23:8];
            end
        end
        if (hears[1]) begin
            if (!checking[1] & !translated[5] & translated[6]) checking[1] <= 1'b1;
            else begin
                resolved[1] <= 1'b1;
                granted[1] <= checking[1] ? checked[5] : translated[5] & !translated[7];
                place_1 <= checking[1] ? checked[23:8] : translated[23:8];
            end
        end
        if (leaves & taken) begin
            if (first_leaves) left[0] <= 1'b1;
            else left[1] <= 1'b1;
        end
        if (valid & taker_ready & answer[0]) begin
            if (second) done[1] <= 1'b1;
            else done[0] <= 1'b1;
        end
        if (reset) begin
            came <= 0; resolved <= 0; granted <= 0; checking <= 0; left <= 0; done <= 0; held <= 0; staged <= 0;
        end
    end

    // Bursts that are not answered: the limiter, which tells of data that lead astray, does so while there are none.
    reg [2:0] under_way;
    always @(posedge clock) begin
        under_way <= under_way + (offered & ready) - (valid & taker_ready);
        if (reset) under_way <= 3'd0;
    end

    // A memory that answers in order what it has got whole: addresses and, counted apart, bursts of data.
    reg [2:0] owed_id;
    reg [7:0] len_0, len_1, len_2, moved;
    reg [1:0] owed, ready_bursts, behind;
    reg       ahead;
    wire hears_address = forwards & taken;
    wire ends_data = memory_valid & memory_ready & memory_beat[36];
    wire answers = response_valid & response_ready;
    wire announced = (behind != 0) | (forwards & !ahead);
    wire [7:0] due = (behind != 0) ? len_0 : forwarded[8:1];
    wire pops = ends_data & (behind != 0);
    wire pushes = hears_address & !ahead & !(ends_data & (behind == 0));
    always @(posedge clock) begin
        if (memory_valid & memory_ready) moved <= memory_beat[36] ? 8'h0 : moved + 8'h1;
        if (answers) owed_id <= owed_id >> 1;
        if (hears_address) begin
            case (owed - answers)
                2'd0: owed_id[0] <= forwarded[0];
                2'd1: owed_id[1] <= forwarded[0];
                default: owed_id[2] <= forwarded[0];
            endcase
        end
        owed <= owed + hears_address - answers;
        ready_bursts <= ready_bursts + ends_data - answers;
        if (pops) begin len_0 <= len_1; len_1 <= len_2; end
        if (pushes) begin
            case (behind - pops)
                2'd0: len_0 <= forwarded[8:1];
                2'd1: len_1 <= forwarded[8:1];
                default: len_2 <= forwarded[8:1];
            endcase
        end
        behind <= behind + pushes - pops;
        // Data of an address that is offered and not taken yet.
        if (ends_data & (behind == 0) & !hears_address) ahead <= 1'b1;
        if (hears_address & ahead) ahead <= 1'b0;
        if (reset) begin owed <= 0; ready_bursts <= 0; behind <= 0; ahead <= 0; moved <= 0; end
    end

    // What was offered a cycle ago and not taken.
    reg        forward_waits, beat_waits, answer_waits, data_waits, response_waits;
    reg [15:0] last_physical;
    reg [37:0] last_forwarded;
    reg [36:0] last_memory_beat, last_data_beat;
    reg [2:0]  last_answer, last_response;
    always @(posedge clock) begin
        forward_waits <= !reset & forwards & !taken;
        beat_waits <= !reset & memory_valid & !memory_ready;
        answer_waits <= !reset & valid & !taker_ready;
        data_waits <= !reset & data_valid & !data_ready;
        response_waits <= !reset & response_valid & !response_ready;
        last_physical <= physical; last_forwarded <= forwarded; last_memory_beat <= memory_beat; last_answer <= answer;
        last_data_beat <= data_beat; last_response <= response;
    end

    always @(*) begin
        // The world.
        assume (!asked | asks);
        assume (!misled | (under_way == 3'd0));
        assume (!reported | reports);
        assume (!(mine & came[1]));
        assume (attributes[8:1] < 8'd3);
        assume (!response_valid | ((owed != 0) & (ready_bursts != 0) & (response[0] == owed_id[0]) & (response[2:1] == 2'b00)));
        if (started & data_waits) assume (data_valid & (data_beat == last_data_beat));
        if (started & response_waits) assume (response_valid & (response == last_response));
        if (started & !reset) begin
            // An offer stays as it is until it is taken.
            if (forward_waits) stays_forward: assert (forwards & (physical == last_physical) & (forwarded == last_forwarded));
            if (beat_waits) stays_beat: assert (memory_valid & (memory_beat == last_memory_beat));
            if (answer_waits) stays_answer: assert (valid & (answer == last_answer));
            // What goes to the memory was granted, goes once, and in order.
            if (leaves) was_granted: assert (first_leaves | (came[0] & resolved[0] & resolved[1] & granted[1] & !left[1]));
            if (leaves & first_leaves) as_asked: assert ((forwarded == said_0) & (physical == {place_0[15:6], asked_0[5:0]}));
            // The memory gets exactly the beats that it was promised, whatever comes.
            if (memory_valid) was_announced: assert (announced);
            if (memory_valid) counted: assert (memory_beat[36] == (moved == due));
            // No answer without a burst, in order, and an error where it was refused.
            if (valid & answer[0]) was_asked: assert (second ? came[1] & held[1] & !done[1] : came[0] & held[0]);
            if (valid & answer[0]) told: assert ((answer[2:1] == 2'b10) | (second ? resolved[1] & granted[1] : resolved[0] & granted[0]));
        end
    end
endmodule
