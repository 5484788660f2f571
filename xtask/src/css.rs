//! The style sheets: one file out of many, lowered for the browsers we support, and small.

use anyhow::{Result, anyhow};
use lightningcss::bundler::{Bundler, FileProvider};
use lightningcss::stylesheet::{MinifyOptions, ParserOptions, PrinterOptions};
use lightningcss::targets::{Browsers, Targets};

use crate::run::root;

/// What everything in `style/` may be lowered to: browsers with nesting, `:has()`, popovers and `light-dark()`.
const BROWSERS: [&str; 4] = [
    "chrome >= 125",
    "edge >= 125",
    "firefox >= 128",
    "safari >= 17.5",
];

/// `style/main.css` with all that it imports.
pub fn bundle() -> Result<String> {
    let main = root().join("style/main.css");
    let targets = Targets {
        browsers: Browsers::from_browserslist(BROWSERS)?,
        ..Targets::default()
    };
    let files = FileProvider::new();
    // Its errors borrow from `files`: said as text before they leave here.
    let mut sheet = Bundler::new(&files, None, ParserOptions::default())
        .bundle(&main)
        .map_err(|error| anyhow!("{}: {error}", main.display()))?;
    sheet
        .minify(MinifyOptions {
            targets,
            ..MinifyOptions::default()
        })
        .map_err(|error| anyhow!("style: {error}"))?;
    let css = sheet
        .to_css(PrinterOptions {
            minify: true,
            targets,
            ..PrinterOptions::default()
        })
        .map_err(|error| anyhow!("style: {error}"))?;
    Ok(css.code)
}
