//! Plots for the document.

use std::path::Path;

use indicatif::HumanCount;
use plotters::prelude::*;

/// The lines' colors, which can be told apart in grey too.
const COLORS: [RGBColor; 4] =
    [RGBColor(150, 150, 150), RGBColor(31, 92, 180), RGBColor(20, 150, 90), RGBColor(230, 120, 20)];

/// A line: its name, and its values at the labels of the axis.
pub struct Line {
    pub name: String,
    pub values: Vec<Option<f64>>,
}

/// Draws lines over labels, as SVG.
///
/// * `y`: says what the values are
pub fn lines(path: &Path, title: &str, x: &str, y: &str, labels: &[String], lines: &[Line]) {
    let values = || lines.iter().flat_map(|line| line.values.iter().flatten());
    let most = values().copied().fold(0.0, f64::max) * 1.5; // with room for the names
    let root = SVGBackend::new(path, (760, 400)).into_drawing_area();
    let draw = || -> Result<(), DrawingAreaErrorKind<std::io::Error>> {
        root.fill(&WHITE)?;
        let last = labels.len().saturating_sub(1) as f64;
        let mut chart = ChartBuilder::on(&root)
            .caption(title, ("sans-serif", 18))
            .margin(12)
            .x_label_area_size(44)
            .y_label_area_size(72)
            .build_cartesian_2d(-0.1..last + 0.1, 0.0..most)?;
        let label = |at: &f64| {
            let is_whole = (at - at.round()).abs() < 0.01;
            labels.get(at.round().max(0.0) as usize).filter(|_| is_whole).cloned().unwrap_or_default()
        };
        chart
            .configure_mesh()
            .x_labels(labels.len())
            .x_label_formatter(&label)
            .y_label_formatter(&|value| rounded(*value))
            .x_desc(x)
            .y_desc(y)
            .disable_x_mesh()
            .light_line_style(WHITE)
            .draw()?;
        for (n, line) in lines.iter().enumerate() {
            let color = COLORS[n % COLORS.len()];
            let points: Vec<(f64, f64)> =
                line.values.iter().enumerate().filter_map(|(n, value)| Some((n as f64, (*value)?))).collect();
            chart
                .draw_series(LineSeries::new(points, color.stroke_width(2)).point_size(3))?
                .label(&line.name)
                .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], color.stroke_width(2)));
        }
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::UpperLeft)
            .background_style(WHITE.mix(0.85))
            .border_style(BLACK.mix(0.3))
            .draw()?;
        root.present()
    };
    draw().unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}

/// Without a fraction, its digits in groups.
pub fn rounded(value: f64) -> String {
    HumanCount(value.round() as u64).to_string()
}
