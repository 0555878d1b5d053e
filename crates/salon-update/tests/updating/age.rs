//! How old what is offered is: its versions, when they were published, and when the offer was signed.

use super::*;

#[tokio::test]
async fn an_older_one_is_refused_and_nothing_of_it_fetched() {
    let mut world = World::new().await;
    world.offer("stable", "0.0.9");
    assert_eq!(world.refused().await, Code::UpdateOlder);
    for name in ["stable.json", "stable.json.minisig"] {
        assert_eq!(world.heard.try_recv(), Ok(name.to_owned()));
    }
    assert!(world.heard.try_recv().is_err());
}

#[tokio::test]
async fn where_versions_come_faster_than_the_delay_the_newest_one_that_is_old_enough_is_installed()
{
    let mut world = World::new().await;
    let now: Timestamp = "2026-11-20T00:00:00Z".parse().unwrap();
    world.signed = now;
    let versions = [
        ("0.4.0", "2026-11-19T00:00:00Z"),
        ("0.3.0", "2026-11-12T00:00:00Z"),
        ("0.2.0", "2026-11-05T00:00:00Z"),
        ("0.0.9", "2026-10-01T00:00:00Z"),
    ];
    world.offer_all("stable", &versions);
    let delayed = Policy {
        delay_days: 7,
        ..world.policy()
    };
    let mut updater = world.updater();
    let outcome = updater.look(&delayed, now).await.unwrap();
    assert_eq!(outcome, Outcome::Installed("0.3.0".parse().unwrap()));
    assert_eq!(world.there(), "0.3.0");
    // The next one is not old enough, and what is older stays away.
    let ripe = "2026-11-26T00:00:00Z".parse().unwrap();
    let outcome = updater.look(&delayed, now).await.unwrap();
    assert_eq!(outcome, Outcome::NotBefore(ripe));
    assert_eq!(world.there(), "0.3.0");
    let outcome = updater.look(&delayed, ripe).await.unwrap();
    assert_eq!(outcome, Outcome::Installed("0.4.0".parse().unwrap()));
    assert_eq!(world.there(), "0.4.0");
}

#[tokio::test]
async fn an_earlier_version_is_as_little_to_be_exchanged_as_the_newest() {
    let world = World::new().await;
    let versions = [
        ("0.3.0", "2126-11-19T00:00:00Z"),
        ("0.2.0", "2026-11-01T00:00:00Z"),
    ];
    world.offer_all("stable", &versions);
    let delayed = Policy {
        delay_days: 1,
        ..world.policy()
    };
    // Its file, and what is signed of it.
    let mut bad = program("6.6.6");
    bad.truncate(program("0.2.0").len());
    world.put("Salon-0.2.0.AppImage", Answer::Whole(bad));
    let looked = world.updater().look(&delayed, Timestamp::now()).await;
    assert_eq!(looked.unwrap_err().code, Code::UpdateDamaged);
    assert_eq!(world.there(), "0.1.0");
    let Answer::Whole(genuine) = world.site.lock().unwrap()["stable.json"].clone() else {
        unreachable!("it is put there whole")
    };
    let text = String::from_utf8(genuine).unwrap();
    let text = text.replace("Salon-0.2.0.AppImage", "Salon-6.6.6.AppImage");
    world.put("stable.json", Answer::Whole(text.into_bytes()));
    let looked = world.updater().look(&delayed, Timestamp::now()).await;
    assert_eq!(looked.unwrap_err().code, Code::UpdateNotTrusted);
    assert_eq!(world.there(), "0.1.0");
}

#[tokio::test]
async fn an_old_offer_that_is_shown_again_is_refused_however_well_it_is_signed() {
    let mut world = World::new().await;
    world.offer("stable", "0.2.0");
    let old = world.site.lock().unwrap().clone();
    world.signed += jiff::SignedDuration::from_secs(1);
    // The newer version was withdrawn.
    world.offer("stable", "0.1.0");
    assert_eq!(world.look().await, Ok(Outcome::Current));
    world.site.lock().unwrap().clone_from(&old);
    world.asked();
    assert_eq!(world.refused().await, Code::UpdateOutOfDate);
    let asked = world.asked();
    assert!(!asked.contains(&"Salon.AppImage".to_owned()), "{asked:?}");
}

#[tokio::test]
async fn an_offer_that_stands_still_is_told_unless_there_is_something_newer_in_it() {
    let mut world = World::new().await;
    world.signed = Timestamp::now() - jiff::SignedDuration::from_hours(31 * 24);
    world.offer("stable", "0.1.0");
    assert_eq!(world.refused().await, Code::UpdateOutOfDate);
    world.offer("stable", "0.2.0");
    assert_eq!(
        world.look().await,
        Ok(Outcome::Installed("0.2.0".parse().unwrap()))
    );
}

#[tokio::test]
async fn that_an_offer_stands_still_is_told_while_its_version_is_left_to_others_too() {
    let mut world = World::new().await;
    let signed: Timestamp = "2026-10-01T00:00:00Z".parse().unwrap();
    world.signed = signed;
    world.offer_all("stable", &[("0.2.0", "2026-10-01T00:00:00Z")]);
    let delayed = Policy {
        delay_days: 90,
        ..world.policy()
    };
    let day = |days: i64| signed + jiff::SignedDuration::from_hours(days * 24);
    let mut updater = world.updater();
    let ripe = Ok(Outcome::NotBefore(day(90)));
    assert_eq!(updater.look(&delayed, day(30)).await, ripe);
    let told = updater.look(&delayed, day(31)).await.unwrap_err();
    assert_eq!(told.code, Code::UpdateOutOfDate);
    let from = format!("taken from {}", day(90));
    assert!(told.detail.contains(&from), "{}", told.detail);
    assert_eq!(world.there(), "0.1.0");
    // Old as it is, it is what the administrator waits for.
    let taken = updater.look(&delayed, day(90)).await;
    assert_eq!(taken, Ok(Outcome::Installed("0.2.0".parse().unwrap())));
}
