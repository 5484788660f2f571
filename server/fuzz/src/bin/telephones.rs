#![no_main]

libfuzzer_sys::fuzz_target!(
    init: fuzz::write_samples("telephones"),
    |bytes: &[u8]| fuzz::input_targets::telephones(bytes)
);
