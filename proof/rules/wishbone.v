// What Wishbone B4 asks of both sides of the guard, and what the guard promises of the memory's bus, whatever the masters, the bridge's
// verdicts and the memory do.
module proof (
    input wire        clock,
    input wire        reset,
    input wire        wbs_cyc_i,
    input wire        wbs_stb_i,
    input wire        wbs_we_i,
    input wire [15:0] wbs_adr_i,
    input wire [31:0] wbs_dat_i,
    input wire [3:0]  wbs_sel_i,
    input wire [2:0]  wbs_cti_i,
    input wire [1:0]  wbs_bte_i,
    input wire [7:0]  wbs_tga_i,
    input wire        wbs_tgc_i,
    input wire        request_ready,
    input wire        response_valid,
    input wire        response_granted,
    input wire [15:0] response_physical,
    input wire        fence,
    input wire        scrub_valid,
    input wire [15:0] scrub_address,
    input wire [31:0] wbm_dat_i,
    input wire        wbm_ack_i,
    input wire        wbm_err_i
);
    wire [31:0] wbs_dat_o, beat_data, read_data, wbm_dat_o;
    wire        wbs_ack_o, wbs_err_o, request_valid, response_ready, settled, scrub_ready, landing, wbm_cyc_o, wbm_stb_o, wbm_we_o;
    wire [7:0]  request_tenant, request_length;
    wire [15:0] request_address, address, wbm_adr_o;
    wire [1:0]  request_kind, burst_type, wbm_bte_o;
    wire        open, wants, may_open, pressed, valid, write, done, failed;
    wire [3:0]  select, wbm_sel_o;
    wire [2:0]  cycle_type, wbm_cti_o;

    wishbone_guard guard (
        .clock(clock), .reset(reset), .wbs_cyc_i(wbs_cyc_i), .wbs_stb_i(wbs_stb_i), .wbs_we_i(wbs_we_i), .wbs_adr_i(wbs_adr_i),
        .wbs_dat_i(wbs_dat_i), .wbs_sel_i(wbs_sel_i), .wbs_cti_i(wbs_cti_i), .wbs_bte_i(wbs_bte_i), .wbs_tga_i(wbs_tga_i),
        .wbs_tgc_i(wbs_tgc_i), .wbs_dat_o(wbs_dat_o), .wbs_ack_o(wbs_ack_o), .wbs_err_o(wbs_err_o), .request_valid(request_valid),
        .request_ready(request_ready), .request_tenant(request_tenant), .request_address(request_address),
        .request_length(request_length), .request_kind(request_kind), .response_valid(response_valid),
        .response_ready(response_ready), .response_granted(response_granted), .response_physical(response_physical), .beat_open(open),
        .beat_wants(wants), .beat_may_open(may_open), .beat_pressed(pressed), .beat_valid(valid), .beat_write(write),
        .beat_address(address), .beat_data(beat_data), .beat_select(select), .beat_cycle_type(cycle_type),
        .beat_burst_type(burst_type), .beat_done(done), .beat_failed(failed), .beat_read_data(read_data), .fence(fence),
        .settled(settled)
    );

    wishbone_merge merge (
        .clock(clock), .reset(reset), .beat_open(open), .beat_wants(wants), .beat_may_open(may_open), .beat_pressed(pressed),
        .beat_valid(valid), .beat_write(write), .beat_address(address), .beat_data(beat_data), .beat_select(select),
        .beat_cycle_type(cycle_type), .beat_burst_type(burst_type), .beat_done(done), .beat_failed(failed),
        .beat_read_data(read_data), .scrub_valid(scrub_valid), .scrub_address(scrub_address), .scrub_ready(scrub_ready),
        .landing(landing), .wbm_cyc_o(wbm_cyc_o), .wbm_stb_o(wbm_stb_o), .wbm_we_o(wbm_we_o), .wbm_adr_o(wbm_adr_o),
        .wbm_dat_o(wbm_dat_o), .wbm_sel_o(wbm_sel_o), .wbm_cti_o(wbm_cti_o), .wbm_bte_o(wbm_bte_o), .wbm_dat_i(wbm_dat_i),
        .wbm_ack_i(wbm_ack_i), .wbm_err_i(wbm_err_i)
    );

    reg started;
    initial started = 1'b0;
    always @(posedge clock) started <= 1'b1;
    always @(*) if (!started) assume (reset);

    // The question under way, then the grant that it got. A length of 0 says that the beat was malformed; early is what was asked
    // before the fence, behind which the change already binds.
    reg        asks_write, asks_fetch, asks_burst, asks_run, asks_well, early, granted;
    reg [7:0]  asks_tenant;
    reg [15:0] asks_address, place;
    reg [4:0]  beats;
    wire       ends = valid & (done | failed);
    wire       in_place = asks_burst ? address[15:6] == place[15:6] : address[15:2] == place[15:2];
    wire       in_range = asks_burst ? wbs_adr_i[15:6] == asks_address[15:6] : wbs_adr_i == asks_address;
    wire       mine = (wbs_tga_i == asks_tenant) & (wbs_we_i == asks_write) & (asks_write | (wbs_tgc_i == asks_fetch)) & in_range;

    // The scrub word that was taken and is not in memory yet.
    reg        scrubs;
    reg [15:0] scrubbed;
    wire       scrub_lands = wbm_cyc_o & wbm_stb_o & wbm_we_o & wbm_ack_i & !wbm_err_i & !open & (wbm_adr_o == scrubbed)
                   & (wbm_dat_o == 32'h0) & (wbm_sel_o == 4'hf);

    always @(posedge clock) begin
        if (response_valid & response_ready) begin
            granted <= response_granted & asks_well;
            place <= response_physical;
            beats <= 5'h0;
        end
        if (request_valid & request_ready) begin
            granted <= 1'b0;
            asks_tenant <= request_tenant;
            asks_write <= request_kind == 2'd1;
            asks_fetch <= request_kind == 2'd2;
            asks_burst <= request_length == 8'd64;
            asks_run <= (wbs_cti_i == 3'd1) | (wbs_cti_i == 3'd2);
            asks_well <= request_length != 8'd0;
            asks_address <= wbs_adr_i;
            early <= !fence;
        end
        if (ends) beats <= beats + 5'h1;
        if (scrub_lands) scrubs <= 1'b0;
        if (scrub_valid & scrub_ready) begin scrubs <= 1'b1; scrubbed <= scrub_address; end
        if (reset) begin granted <= 1'b0; beats <= 5'h0; scrubs <= 1'b0; early <= 1'b0; asks_well <= 1'b0; end
    end

    // The memory awaits a further beat of its burst.
    reg        runs_on;
    always @(posedge clock) begin
        if (ends) runs_on <= (cycle_type == 3'd1) | (cycle_type == 3'd2);
        if (reset) runs_on <= 1'b0;
    end

    // What waits for the memory.
    reg        waits;
    reg [15:0] last_address;
    reg [31:0] last_data;
    reg [3:0]  last_select;
    reg [2:0]  last_cycle_type;
    reg [1:0]  last_burst_type;
    reg        last_write;
    always @(posedge clock) begin
        waits <= !reset & wbm_stb_o & !wbm_ack_i & !wbm_err_i;
        last_address <= wbm_adr_o; last_data <= wbm_dat_o; last_select <= wbm_sel_o; last_write <= wbm_we_o;
        last_cycle_type <= wbm_cti_o; last_burst_type <= wbm_bte_o;
    end

    always @(*) begin
        // The world: a translation keeps the place in a granule, of 64 bytes at least.
        if (response_valid) assume (response_physical[5:0] == (asks_burst ? 6'h0 : asks_address[5:0]));
        if (started & !reset) begin
            // The memory's bus.
            if (wbm_stb_o) within_cycle: assert (wbm_cyc_o);
            if (waits) stays: assert (wbm_cyc_o & wbm_stb_o & (wbm_we_o == last_write) & (wbm_adr_o == last_address) & (wbm_dat_o == last_data) & (wbm_sel_o == last_select) & (wbm_cti_o == last_cycle_type) & (wbm_bte_o == last_burst_type));
            if (wbm_stb_o & !valid) only_scrubs: assert (scrubs & wbm_we_o & (wbm_adr_o == scrubbed) & (wbm_dat_o == 32'h0) & (wbm_sel_o == 4'hf));
            if (valid) shown: assert (open & wbm_stb_o & (wbm_we_o == write) & (wbm_adr_o == address) & (wbm_dat_o == beat_data) & (wbm_sel_o == select));
            if (scrubs) lands: assert (landing);
            // What goes there was granted, where and how it was granted, and no longer than its burst.
            if (valid) was_granted: assert (granted & in_place & (write == asks_write));
            if (valid) counted: assert (beats < (asks_run ? 5'd16 : 5'd1));
            if (valid & (cycle_type == 3'h2) & (burst_type == 2'h0)) unit_ends: assert (address[5:2] != 4'hf);
            if (valid & !waits & (select != 4'h0)) was_offered: assert (wbs_cyc_i & wbs_stb_i & mine);
            if (runs_on) closes: assert (wbm_cyc_o & open & !(request_valid & request_ready));
            if (valid & (select == 4'h0)) fills: assert (runs_on & (cycle_type == 3'd7) & (beat_data == 32'h0));
            if (settled & valid) fenced: assert (!early);
            // The masters' bus.
            if (wbs_ack_o | wbs_err_o) was_asked: assert (wbs_cyc_i & wbs_stb_i & !(wbs_ack_o & wbs_err_o));
            if (wbs_ack_o) own: assert (granted & ends & mine);
            if (!wbs_ack_o | wbs_we_i) empty: assert (wbs_dat_o == 32'h0);
        end
    end
endmodule
