#![no_main]

libfuzzer_sys::fuzz_target!(
    init: fuzz::write_samples("csv"),
    |bytes: &[u8]| fuzz::input_targets::csv(bytes)
);
