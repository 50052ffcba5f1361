// A second top beside examples/fusesoc/testbench.v: writes every signal of the testbench to a wave.
module dump;
    initial begin
        $dumpfile("build/first/bus.vcd");
        $dumpvars(0, testbench);
    end
endmodule
