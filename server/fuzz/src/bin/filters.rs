#![no_main]

libfuzzer_sys::fuzz_target!(
    init: fuzz::write_samples("filters"),
    |bytes: &[u8]| fuzz::input_targets::filters(bytes)
);
