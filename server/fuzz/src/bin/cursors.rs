#![no_main]

libfuzzer_sys::fuzz_target!(
    init: fuzz::write_samples("cursors"),
    |bytes: &[u8]| fuzz::input_targets::cursors(bytes)
);
