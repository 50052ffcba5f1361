// What AXI4 asks of the read channels of the guard, and what the guard promises. Two bursts of one identifier are followed, any
// identifier, any two; the others are anybody's. The memory answers in order, as many beats as it was asked for, and OKAY.
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
    input wire        memory_valid,
    input wire [35:0] memory_beat,
    input wire        taker_ready,
    input wire        fence,
    input wire        expired
);
    wire        ready, asks, reports, forwards, memory_ready, valid, fenced;
    wire        waits, stalls;
    wire [7:0]  stalled_tenant;
    wire [39:0] question, report;
    wire [3:0]  asker;
    wire [15:0] physical;
    wire [37:0] forwarded;
    wire [35:0] beat;

    read_guard guard (
        .clock(clock), .reset(reset), .offered(offered), .address(address), .attributes(attributes), .ready(ready), .asks(asks),
        .question(question), .asker(asker), .asked(asked), .reports(reports), .report(report), .reported(reported),
        .translated(translated), .checked(checked), .forwards(forwards), .physical(physical), .forwarded(forwarded),
        .taken(taken), .memory_valid(memory_valid), .memory_beat(memory_beat), .memory_ready(memory_ready), .valid(valid),
        .beat(beat), .taker_ready(taker_ready), .fence(fence), .fenced(fenced), .waits(waits),
        .expired(expired), .stalls(stalls), .stalled_tenant(stalled_tenant)
    );

    (* anyconst *) reg id;

    reg started;
    initial started = 1'b0;
    always @(posedge clock) started <= 1'b1;
    always @(*) if (!started) assume (reset);

    // The bursts that are followed: 0 and 1, in the order in which they came.
    reg [1:0]  came, resolved, granted, checking, left, done;
    reg [37:0] said_0, said_1;
    reg [15:0] asked_0, asked_1, place_0, place_1;
    reg [3:0]  index_0, index_1;
    reg [1:0]  held;
    reg [1:0]  staged;
    reg [7:0]  given;
    wire takes = offered & ready;
    wire mine = takes & (attributes[0] == id);
    wire [1:0] hears = {
        held[1] & !resolved[1] & ((!checking[1] & translated[0] & (translated[4:1] == index_1)) | (checking[1] & checked[0] & (checked[4:1] == index_1))),
        held[0] & !resolved[0] & ((!checking[0] & translated[0] & (translated[4:1] == index_0)) | (checking[0] & checked[0] & (checked[4:1] == index_0)))
    };
    wire first_leaves = !left[0] & resolved[0] & granted[0];
    wire turn = came[0] & resolved[0] & (left[0] | !granted[0]);
    wire leaves = forwards & (forwarded[0] == id);
    wire second = done[0];
    wire hears_us = valid & (beat[0] == id);

    always @(posedge clock) begin
        if (takes) staged <= 2'b00;
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
        if (valid & taker_ready & (beat[0] == id)) begin
            given <= given + 8'h1;
            if (beat[35]) begin
                given <= 8'h0;
                if (second) done[1] <= 1'b1;
                else done[0] <= 1'b1;
            end
        end
        if (reset) begin
            came <= 0; resolved <= 0; granted <= 0; checking <= 0; left <= 0; done <= 0; held <= 0; staged <= 0; given <= 0;
        end
    end

    // A memory that answers in order: what it was asked, at most three.
    reg [2:0] owed_id;
    reg [7:0] owed_0, owed_1, owed_2, moved;
    reg [1:0] owed;
    wire memory_moves = memory_valid & memory_ready;
    wire memory_ends = memory_moves & memory_beat[35];
    wire memory_hears = forwards & taken;
    always @(posedge clock) begin
        if (memory_moves) moved <= memory_beat[35] ? 8'h0 : moved + 8'h1;
        if (memory_ends) begin owed_id <= owed_id >> 1; owed_0 <= owed_1; owed_1 <= owed_2; end
        if (memory_hears) begin
            case (owed - memory_ends)
                2'd0: begin owed_id[0] <= forwarded[0]; owed_0 <= forwarded[8:1]; end
                2'd1: begin owed_id[1] <= forwarded[0]; owed_1 <= forwarded[8:1]; end
                default: begin owed_id[2] <= forwarded[0]; owed_2 <= forwarded[8:1]; end
            endcase
        end
        owed <= owed + memory_hears - memory_ends;
        if (reset) begin owed <= 0; moved <= 0; end
    end

    // The master has left a beat for too long: since when it has not taken it, and whether that was ever.
    reg  [1:0] given_up;
    reg        ever;
    always @(posedge clock) begin
        if (valid & taker_ready) given_up <= 2'd0;
        else if (stalls) given_up <= 2'd1;
        else if ((given_up != 2'd0) & (given_up != 2'd3)) given_up <= given_up + 2'd1;
        if (stalls) ever <= 1'b1;
        if (reset) begin given_up <= 2'd0; ever <= 1'b0; end
    end

    // What was offered a cycle ago and not taken.
    reg        forward_waits, beat_waits, memory_waits, offer_waits;
    reg [15:0] last_physical, last_address;
    reg [37:0] last_forwarded, last_attributes;
    reg [35:0] last_beat, last_memory_beat;
    always @(posedge clock) begin
        forward_waits <= !reset & forwards & !taken;
        beat_waits <= !reset & valid & !taker_ready;
        memory_waits <= !reset & memory_valid & !memory_ready;
        offer_waits <= !reset & offered & !ready;
        last_physical <= physical; last_forwarded <= forwarded; last_beat <= beat; last_memory_beat <= memory_beat;
        last_address <= address; last_attributes <= attributes;
    end

    always @(*) begin
        // The world.
        assume (!asked | asks);
        assume (!expired | waits);
        assume (!reported | reports);
        assume (!(mine & came[1]));
        assume (attributes[8:1] < 8'd3);
        assume (!memory_valid | (owed != 0));
        if (memory_valid) assume ((memory_beat[0] == owed_id[0]) & (memory_beat[35] == (moved == owed_0)) & (memory_beat[34:33] == 2'b00) & (memory_beat[32:1] != 32'h0));
        if (started & memory_waits) assume (memory_valid & (memory_beat == last_memory_beat));
        if (started & offer_waits) assume (offered & (address == last_address) & (attributes == last_attributes));
        if (started & !reset) begin
            // An offer stays as it is until it is taken.
            if (forward_waits) stays_forward: assert (forwards & (physical == last_physical) & (forwarded == last_forwarded));
            if (beat_waits) stays_beat: assert (valid & (beat == last_beat));
            // What goes to the memory was granted, goes once, in order, and as it was asked.
            if (leaves) was_granted: assert (first_leaves | (turn & resolved[1] & granted[1] & !left[1]));
            if (leaves & first_leaves) as_asked: assert ((forwarded == said_0) & (physical == {place_0[15:6], asked_0[5:0]}));
            // No beat without a burst, none too many, none too few, in order; zeros and an error exactly where it was refused.
            if (hears_us) was_asked: assert (second ? came[1] & resolved[1] & !done[1] : came[0] & resolved[0]);
            if (hears_us) counted: assert (beat[35] == (given == (second ? said_1[8:1] : said_0[8:1])));
            if (hears_us) told: assert (((beat[34:33] == 2'b10) | (second ? granted[1] : granted[0])) & ((beat[34:33] != 2'b10) | ever | !(second ? granted[1] : granted[0])));
            // While a beat is left for too long, the memory is rid of every beat that it offers.
            if ((given_up == 2'd3) & memory_valid) released: assert (memory_ready);
            if (hears_us) empty: assert ((beat[34:33] != 2'b10) | (beat[32:1] == 32'h0));
        end
    end
endmodule
