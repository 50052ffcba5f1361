// A five-line system: masters, guard, memory. Boots the device, makes a partition for tenant 1, and looks who reaches it.
// Prints PASS, or what failed.
`default_nettype none

module testbench;
    reg clk = 0, rst = 1;
    always #5 clk = ~clk;

    reg         cyc = 0, stb = 0, we = 0;
    reg  [31:0] adr = 0, wdata = 0;
    reg  [2:0]  cti = 0;
    reg  [7:0]  tenant = 0;
    wire [31:0] rdata;
    wire        ack, err;

    reg         c_cyc = 0, c_we = 0;
    reg  [7:0]  c_adr = 0;
    reg  [31:0] c_wdata = 0;
    wire [31:0] c_rdata;
    wire        c_ack, c_err;

    wire        m_cyc, m_stb, m_we;
    wire [31:0] m_adr, m_wdata;
    wire [3:0]  m_sel;
    wire [2:0]  m_cti;
    wire [1:0]  m_bte;
    wire        irq, alert;

    // 8 KiB at 0x80000000, answered at once.
    reg  [31:0] memory [0:2047];
    integer     beats = 0;
    wire [10:0] word = m_adr[12:2];

    partition_manager dut (
        .clk_i(clk), .rst_i(rst),
        .wbs_cyc_i(cyc), .wbs_stb_i(stb), .wbs_we_i(we), .wbs_adr_i(adr), .wbs_dat_i(wdata), .wbs_sel_i(4'hF), .wbs_cti_i(cti),
        .wbs_bte_i(2'b00), .wbs_tga_i(tenant), .wbs_tgc_i(1'b0), .wbs_dat_o(rdata), .wbs_ack_o(ack), .wbs_err_o(err),
        .wbm_cyc_o(m_cyc), .wbm_stb_o(m_stb), .wbm_we_o(m_we), .wbm_adr_o(m_adr), .wbm_dat_o(m_wdata), .wbm_sel_o(m_sel),
        .wbm_cti_o(m_cti), .wbm_bte_o(m_bte), .wbm_dat_i(memory[word]), .wbm_ack_i(m_cyc & m_stb), .wbm_err_i(1'b0),
        .wbc_cyc_i(c_cyc), .wbc_stb_i(c_cyc), .wbc_we_i(c_we), .wbc_adr_i(c_adr), .wbc_dat_i(c_wdata), .wbc_sel_i(4'hF),
        .wbc_dat_o(c_rdata), .wbc_ack_o(c_ack), .wbc_err_o(c_err),
        .irq(irq), .alert(alert)
    );

    always @(posedge clk) if (m_cyc & m_stb) begin
        beats <= beats + 1;
        if (m_we) memory[word] <= m_wdata;
    end

    task fail(input [8*40-1:0] what);
        begin
            $display("FAIL: %0s at %0t", what, $time);
            $finish;
        end
    endtask

    // A register access.
    task control(input write, input [7:0] offset, input [31:0] value);
        begin
            @(posedge clk);
            c_cyc <= 1; c_we <= write; c_adr <= offset; c_wdata <= value;
            @(posedge clk);
            while (!c_ack) begin
                if (c_err) fail("a register access was refused");
                @(posedge clk);
            end
            c_cyc <= 0;
        end
    endtask

    // `count` beats of a burst, of which each must be granted, or all refused.
    task access(input [7:0] who, input write, input [31:0] address, input integer count, input granted);
        integer beat;
        begin
            @(posedge clk);
            cyc <= 1; stb <= 1; we <= write; tenant <= who;
            for (beat = 0; beat < count; beat = beat + 1) begin
                adr <= address + 4 * beat; wdata <= 32'hC0DE0000 + beat; cti <= beat + 1 < count ? 3'd2 : 3'd7;
                @(posedge clk);
                while (!ack & !err) @(posedge clk);
                if (ack != granted) fail("an access was decided wrongly");
                if (!write & granted & rdata != 32'hC0DE0000 + beat) fail("a word was not what was written");
                if (!granted & rdata != 0) fail("a refused read shows data");
            end
            cyc <= 0; stb <= 0; cti <= 0;
            @(posedge clk);
        end
    endtask

    integer i, before;
    initial begin
        for (i = 0; i < 2048; i = i + 1) memory[i] = 32'hDEAD0000 + i;
        repeat (4) @(posedge clk);
        rst <= 0;
        // Closed: nothing passes.
        access(1, 0, 32'h80000000, 4, 0);
        if (beats != 0) fail("a closed device passed something");
        // BOOT_STATE: wait until it is Closed; then pool, window, CONTROL.
        control(0, 8'h88, 0);
        while (c_rdata[2:0] != 1) control(0, 8'h88, 0);
        control(1, 8'h18, 32'h80000000);
        control(1, 8'h20, 32'h00002000);
        control(1, 8'h28, 32'h00010000);
        control(1, 8'h14, 1);
        while (c_rdata[2:0] != 4) control(0, 8'h88, 0);
        // CREATE: tenant 1, 512 bytes at 0x10000, read, write, isolated.
        control(1, 8'h34, 1);
        control(1, 8'h3C, 32'h00010000);
        control(1, 8'h44, 32'h00000200);
        control(1, 8'h4C, 32'h0000000B);
        control(1, 8'h30, 1);
        control(0, 8'h50, 0);
        while (c_rdata[31]) control(0, 8'h50, 0);
        if (c_rdata[7:0] != 1) fail("CREATE");
        for (i = 0; i < 128; i = i + 1) if (memory[i] != 0) fail("the block was not cleared");
        // Its owner, over a boundary of 64 bytes.
        access(1, 1, 32'h00010020, 20, 1);
        access(1, 0, 32'h00010020, 20, 1);
        // Past the partition's physical address, by its owner and by another; past its end.
        before = beats;
        access(1, 0, 32'h80000020, 2, 0);
        access(2, 1, 32'h80000020, 2, 0);
        if (beats != before) fail("a refused access reached memory");
        if (!alert) fail("no alert");
        $display("PASS: %0d beats at the memory", beats);
        $finish;
    end

    initial begin
        #2000000 fail("it takes too long");
    end
endmodule
`default_nettype wire
