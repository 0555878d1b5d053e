//! The call of two, in rows.

#![allow(clippy::print_stdout, reason = "the result of the program")]

mod loss;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
use clap::{Parser, ValueEnum};
use salon_harness::loss::can_lose;
use salon_harness::service::{Provider, Service};
use salon_harness::sound::keep_awake;
use salon_harness::usage::{Started, find, measure};
use salon_harness::world::{APP_SINK, CHROMIUM_SINK, Driven, World, sound_processing};
use salon_support::asked_to_end;
use serde_json::json;

const LIMIT: Duration = Duration::from_secs(30);
/// Until layers and bitrates have settled.
const SETTLING: Duration = Duration::from_secs(6);
/// Over which processor time is measured.
const MEASURED: Duration = Duration::from_secs(10);
const FIRSTS: [(&str, &str); 2] = [
    ("picture", "join to first remote picture, ms"),
    ("sound", "join to first remote sound, ms"),
];
const REMOTE: &str = "[data-testid=tile][data-local=false]";

/// Measures calls of two.
#[derive(Debug, Parser)]
struct Arguments {
    /// Who carries the calls: a LiveKit server, or the double of the Stream service.
    #[arg(long, value_enum, default_value_t = Provider::Livekit)]
    provider: Provider,
    /// Rounds of each.
    #[arg(long, default_value_t = 5)]
    rounds: u32,
    /// What is measured; all, if nothing is named.
    #[arg(long, value_enum, value_delimiter = ',')]
    rows: Vec<Row>,
    /// Writes all figures.
    #[arg(long)]
    json: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Row {
    /// Start, join, processor, memory, and the way from camera to screen, of each in turn.
    Call,
    /// Sound and pictures while packets are lost, of both at once; for root, who has `nft`.
    Loss,
}

/// Figures of one side by name, one for each round.
type Figures = BTreeMap<&'static str, Vec<f64>>;

pub(crate) async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let ended = asked_to_end()?;
    // What was started ends with the rows that started it.
    tokio::select! {
        measured = rows(arguments) => measured,
        () = ended => bail!("not all was measured: it was asked to end"),
    }
}

async fn rows(arguments: Arguments) -> Result<()> {
    let mut world = World::start().await?;
    let service = Service::start(arguments.provider).await?;
    let partner = service.app(&world, "Partner")?;
    let _partner = world.partner(partner)?;
    // Or the first one to join would measure the partner's start.
    service.sees(&world, "Partner", LIMIT).await?;
    let sinks = [APP_SINK, CHROMIUM_SINK];
    let _awake = sinks
        .map(|sink| keep_awake(&world.sound_server(), sink))
        .into_iter()
        .collect::<Result<Vec<_>>>()?;
    let (mut app, mut chromium) = (Figures::new(), Figures::new());
    let wanted = |row| arguments.rows.is_empty() || arguments.rows.contains(&row);
    let can_lose = can_lose();
    if let (true, Err(error)) = (wanted(Row::Loss), &can_lose) {
        anyhow::ensure!(arguments.rows.is_empty(), "{error:#}");
        println!("loss: not measured: {error:#}");
    }
    for round in 1..=arguments.rounds {
        println!("round {round} of {}", arguments.rounds);
        if wanted(Row::Loss) && can_lose.is_ok() {
            loss::round(&mut world, &service, &mut app, &mut chromium).await?;
        }
        if !wanted(Row::Call) {
            continue;
        }
        let mut options = service.app(&world, "Ann")?;
        // Chromium takes echo and noise out as well: that is part of what a call costs.
        options.environment.extend(sound_processing(true));
        let driven = world.app(options).await?;
        measure_one(driven, "salon", &mut app).await?;
        let url = service.lobby(&world, "Ann")?;
        let driven = world.chromium_at(&url).await?;
        measure_one(driven, "chromium", &mut chromium).await?;
    }
    print(&app, &chromium);
    if let Some(file) = arguments.json {
        let figures = json!({ "app": app, "chromium": chromium });
        std::fs::write(file, format!("{figures:#}\n"))?;
    }
    Ok(())
}

async fn measure_one(driven: Driven, program: &str, figures: &mut Figures) -> Result<()> {
    let page = &driven.page;
    let mut record = |name, value| figures.entry(name).or_default().push(value);
    page.wait("[data-testid=lobby-join]:not(:disabled)", true, LIMIT)
        .await?;
    let usable = page.mark("lobby-usable", LIMIT).await?;
    let Started { id, at } = find(driven.driver.id(), program)?.context("it does not run")?;
    let origin = page.number("performance.timeOrigin").await?;
    let began = at.duration_since(UNIX_EPOCH)?.as_secs_f64() * 1000.0;
    record("start to usable lobby, ms", origin + usable - began);

    // From outside: what the page paints, and what its connections count.
    let firsts = page
        .eval(&format!(
            "harness.firsts('[data-testid=lobby-join]', {}, {})",
            json!(format!("{REMOTE} video")),
            LIMIT.as_millis()
        ))
        .await?;
    for (what, name) in FIRSTS {
        let took = firsts[what]
            .as_f64()
            .with_context(|| format!("no remote {what}"))?;
        record(name, took);
    }

    tokio::time::sleep(SETTLING).await;
    let (before, start) = (measure(&[id])?, SystemTime::now());
    tokio::time::sleep(MEASURED).await;
    let (after, took) = (measure(&[id])?, start.elapsed()?);
    record(
        "processor, % of a core",
        100.0 * (after.cpu - before.cpu) / took.as_secs_f64(),
    );
    record("memory (PSS), MB", after.pss as f64 / 1e6);
    let looked = format!(
        "harness.pictures({}, {{ milliseconds: 3000 }})",
        json!(format!("{REMOTE} video"))
    );
    let seen = page.eval(&looked).await?;
    let age = seen["medianAge"]
        .as_f64()
        .context("no time stamp could be read")?;
    record("camera to screen, ms", age);
    page.click("control-leave").await?;
    page.wait("[data-testid=home-input]", true, LIMIT).await?;
    driven.page.end().await
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    match (sorted.len(), sorted.len() / 2) {
        (0, _) => f64::NAN,
        (length, middle) if length % 2 == 1 => sorted[middle],
        (_, middle) => f64::midpoint(sorted[middle - 1], sorted[middle]),
    }
}

fn spread(values: &[f64]) -> String {
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    format!("{low:.1} to {high:.1}")
}

fn print(app: &Figures, chromium: &Figures) {
    println!("\n| what | app | spread | Chromium | spread | ratio |");
    println!("|---|---|---|---|---|---|");
    for (name, ours) in app {
        let theirs = chromium.get(name).map_or(&[][..], Vec::as_slice);
        let (our, their) = (median(ours), median(theirs));
        println!(
            "| {name} | {our:.1} | {} | {their:.1} | {} | {:.2} |",
            spread(ours),
            spread(theirs),
            our / their
        );
    }
}
