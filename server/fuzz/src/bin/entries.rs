#![no_main]

libfuzzer_sys::fuzz_target!(
    init: fuzz::write_samples("entries"),
    |bytes: &[u8]| fuzz::input_targets::entries(bytes)
);
