// What APB4 asks of a completer, and what the control completer promises of the register port, whatever the master does and whatever
// the register port answers.
module proof (
    input wire        clock,
    input wire        reset,
    input wire [7:0]  paddr,
    input wire [2:0]  pprot,
    input wire        psel,
    input wire        penable,
    input wire        pwrite,
    input wire [31:0] pwdata,
    input wire [3:0]  pstrb,
    input wire        response_valid,
    input wire        response_error,
    input wire [31:0] response_read_data
);
    wire        pready, pslverr, request_read, request_write;
    wire [31:0] prdata, request_write_data;
    wire [7:0]  request_address;

    apb_control control (
        .clock(clock), .reset(reset), .bus_paddr(paddr), .bus_pprot(pprot), .bus_psel(psel), .bus_penable(penable),
        .bus_pwrite(pwrite), .bus_pwdata(pwdata), .bus_pstrb(pstrb), .bus_pready(pready), .bus_prdata(prdata),
        .bus_pslverr(pslverr), .request_read(request_read), .request_write(request_write), .request_address(request_address),
        .request_write_data(request_write_data), .response_valid(response_valid), .response_error(response_error),
        .response_read_data(response_read_data)
    );

    reg started;
    initial started = 1'b0;
    always @(posedge clock) started <= 1'b1;
    always @(*) if (!started) assume (reset);

    // The cycle before; whether the master has kept APB4's rules since the reset.
    reg        setup, access, lawful, last_select, last_enable, last_write;
    reg [7:0]  last_address;
    reg [31:0] last_data;
    reg [3:0]  last_strobes;
    wire       steady = (paddr == last_address) & (pwrite == last_write) & (pwdata == last_data) & (pstrb == last_strobes);
    wire       keeps = (setup | access) ? psel & penable & steady : !(psel & penable);
    wire       lawfully = lawful & keeps;
    always @(posedge clock) begin
        setup <= psel & !penable;
        access <= psel & penable & !pready;
        lawful <= lawfully;
        last_select <= psel; last_enable <= penable; last_write <= pwrite; last_address <= paddr; last_data <= pwdata;
        last_strobes <= pstrb;
        if (reset) begin setup <= 1'b0; access <= 1'b0; lawful <= 1'b1; last_select <= 1'b0; last_enable <= 1'b0; end
    end

    // What the register port was asked for the transfer under way, and whether its answer came in the cycle before.
    wire        strobe = request_read | request_write;
    wire        whole = !pwrite | (pstrb == 4'hf);
    reg         struck, awaited, answered, failed, asked_write;
    reg  [7:0]  asked_address;
    reg  [31:0] answer;
    always @(posedge clock) begin
        answered <= response_valid;
        if (response_valid) begin awaited <= 1'b0; failed <= response_error; answer <= response_read_data; end
        if (pready) struck <= 1'b0;
        if (strobe) begin
            struck <= 1'b1; awaited <= 1'b1; asked_address <= request_address; asked_write <= request_write;
        end
        if (reset) begin struck <= 1'b0; awaited <= 1'b0; answered <= 1'b0; end
    end

    always @(*) begin
        // The world: the register port answers what it was asked.
        if (response_valid) assume (awaited);
        if (started & !reset) begin
            // The register port, whatever the master does.
            if (strobe) alone: assert (!awaited & !(request_read & request_write));
            if (pready) theirs: assert (last_select & (!answered | (last_enable & (last_address == asked_address) & (last_write == asked_write))));
            // The bus, whatever the master does.
            if (!pready) quiet: assert (!pslverr);
            if (!pready | pwrite | pslverr) if (lawfully | !pready) empty: assert (prdata == 32'h0);
            // A master that keeps to APB4.
            if (lawfully & pready) in_access: assert (psel & penable);
            if (lawfully & strobe) once: assert (setup & !struck);
            if (lawfully & strobe) in_whole: assert (whole);
            if (lawfully & strobe) as_asked: assert ((request_write == pwrite) & (request_address == paddr) & (!pwrite | (request_write_data == pwdata)));
            if (lawfully & pready) told: assert (whole ? struck & answered & (pslverr == failed) & (pwrite | failed | (prdata == answer)) : !struck & (pslverr == (pstrb != 4'h0)));
            if (lawfully & psel & penable & (whole ? answered : setup)) ends: assert (pready);
        end
    end
endmodule
