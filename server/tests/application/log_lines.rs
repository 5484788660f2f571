//! Where the program says what: standard output is for whoever started it, the log goes to standard error.

use std::io::Read;

use crate::command::Desk;
use serde_json::Value;

#[test]
fn with_layer_log_json_every_line_of_the_log_is_an_object_and_the_address_stays_a_plain_line() {
    let desk = Desk::new();
    let words = ["serve", "--demo", "--listen", "127.0.0.1:0"];
    let log = [("LAYER_LOG", "json"), ("RUST_LOG", "debug")];
    let (mut layer, address) = desk.serve_with(&words, &log);
    desk.says(&["healthcheck", "--listen", &address]);
    layer.kill().unwrap();
    let mut said = String::new();
    let mut log = layer.stderr.take().unwrap();
    log.read_to_string(&mut said).unwrap();
    layer.wait().unwrap();
    assert!(said.lines().count() > 3, "{said}");
    for line in said.lines() {
        let object: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"));
        assert!(object["level"].is_string(), "{line}");
    }
}
