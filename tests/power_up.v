// Power-up with any contents, then one edge of reset, again and again: a device that is closed answers NotActive to
// everything and raises no alert, and once it is open it raises none for accesses that nothing forbids.
//
//   any contents, 0 to 3 cycles --> reset, one edge --> random accesses, a random time --> reset ... --> open --> random accesses
//
// The declarations of the signals are written by the test, from the ports.
`timescale 1ns/1ns
module bench;
DECLARATIONS
    integer rounds, cycles, errors, answers, opened, at, wait_cycles;
    reg [3:0] asked_translate, asked_physical;
    reg open, quiet_registers;
    reg [31:0] answer;

    always #5 clock = !clock;

    task fail(input [8*40-1:0] what);
        begin
            errors = errors + 1;
            if (errors < 10) $display("ERROR %0s round %0d cycle %0d", what, rounds, at);
        end
    endtask

    // One cycle: what the device shows is judged, then the inputs are drawn. Registers are only read.
    task draw;
        begin
            translate_request_valid = $urandom;
            translate_request_tenant = $urandom;
            translate_request_address = $urandom;
            translate_request_length = $urandom;
            translate_request_kind = $urandom;
            physical_request_valid = $urandom;
            physical_request_tenant = $urandom;
            physical_request_address = $urandom;
            physical_request_length = $urandom;
            physical_request_kind = $urandom;
            memory_write_ready = $urandom;
            if (!quiet_registers) begin
                register_request_read = $urandom;
                register_request_write = 0;
                register_request_address = $urandom & 8'hFC;
                register_request_write_data = $urandom;
            end
        end
    endtask

    task judge;
        begin
            at = at + 1;
            if (alert !== 1'b0) fail("alert");
            if (translate_response_valid !== asked_translate[3]) fail("translate valid");
            if (physical_response_valid !== asked_physical[3]) fail("physical valid");
            if (translate_response_valid) begin
                answers = answers + 1;
                if (!open & (translate_response_granted | translate_response_not_mine)) fail("translate granted");
                if (!open & (translate_response_reason != NOT_ACTIVE)) fail("translate reason");
                if (translate_response_reason == INTEGRITY) fail("translate integrity");
            end
            if (physical_response_valid) begin
                answers = answers + 1;
                if (!open & physical_response_allowed) fail("physical allowed");
                if (!open & (physical_response_reason != NOT_ACTIVE)) fail("physical reason");
                if (physical_response_reason == INTEGRITY) fail("physical integrity");
            end
        end
    endtask

    task step;
        begin
            @(negedge clock);
            judge;
            draw;
            asked_translate = {asked_translate[2:0], translate_request_valid};
            asked_physical = {asked_physical[2:0], physical_request_valid};
        end
    endtask

    // An access to a register, with its answer, four edges later.
    task access(input write, input [7:0] offset, input [31:0] data);
        integer edges;
        begin
            quiet_registers = 1;
            step;
            register_request_read = !write;
            register_request_write = write;
            register_request_address = offset;
            register_request_write_data = data;
            step;
            register_request_read = 0;
            register_request_write = 0;
            for (edges = 0; edges < 3; edges = edges + 1) step;
            if (!register_response_valid | register_response_error) fail("register");
            answer = register_response_read_data;
            quiet_registers = 0;
        end
    endtask

    initial begin
        errors = 0; answers = 0; opened = 0; open = 0; at = 0; quiet_registers = 0;
        asked_translate = 0; asked_physical = 0; clock = 0; reset = 0;
        rounds = 0;
        draw;
        DEVICE_KEY
        // The clock runs without a reset for a while, or not at all.
        wait_cycles = $urandom % 4;
        repeat (wait_cycles) begin @(negedge clock); draw; register_request_write = $urandom; end
        for (rounds = 0; rounds < ROUNDS; rounds = rounds + 1) begin
            @(negedge clock);
            draw;
            reset = 1;
            @(negedge clock);
            reset = 0;
            open = 0;
            at = 0;
            asked_translate = 0;
            asked_physical = 0;
            // What was offered with the reset is not answered.
            draw;
            asked_translate[0] = translate_request_valid;
            asked_physical[0] = physical_request_valid;
            cycles = (rounds == ROUNDS - 1) ? CLEARED : $urandom % (2 * CLEARED);
            repeat (cycles) step;
        end
        rounds = ROUNDS;
        OPENING
        if (errors == 0) $display("PASSED answers %0d opened %0d", answers, opened);
        else $display("FAILED errors %0d", errors);
        $finish;
    end
endmodule
