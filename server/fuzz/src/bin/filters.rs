#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::input_targets::filters(bytes));
