//! What a desktop gives to one user's programs: a session bus of their own, with a keyring and
//! somebody who shows notifications.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokio::sync::watch;
use zbus::Connection;
use zbus::object_server::SignalEmitter;
use zbus::zvariant::OwnedObjectPath;

mod awake;
mod portal;
mod shown;
mod tray;

pub use self::awake::Display;
pub use self::portal::Silent;
use self::portal::{Appearance, PORTAL, PORTAL_PATH};
use self::shown::Shown;
use self::tray::Watcher;
use crate::process::Owned;

/// Where notifications are shown (Desktop Notifications Specification 1.2).
const NOTIFICATIONS: &str = "org.freedesktop.Notifications";
const NOTIFICATIONS_PATH: &str = "/org/freedesktop/Notifications";
/// Where programs bring the icons that a tray shows.
const WATCHER: &str = "org.kde.StatusNotifierWatcher";
/// Where secrets are kept (Secret Service API).
const SECRETS: &str = "org.freedesktop.secrets";
/// How long a part may take to start.
const LIMIT: Duration = Duration::from_secs(60);

/// A notification that was posted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notification {
    /// Number.
    pub id: u32,
    /// Title.
    pub summary: String,
    /// Text, with markup.
    pub body: String,
    /// Keys and labels of its buttons, in turn.
    pub actions: Vec<String>,
    /// It is shown no more.
    pub closed: bool,
}

/// One user's desktop.
#[derive(Debug)]
pub struct Desktop {
    folder: PathBuf,
    address: String,
    posted: watch::Receiver<Vec<Notification>>,
    shown: watch::Sender<Vec<Notification>>,
    connection: Connection,
    keyring: Option<Owned>,
    _bus: Owned,
}

/// A session bus that starts nothing by itself: what the system would does not belong to this
/// desktop, and stays when it ends.
fn bus_configuration(address: &str) -> String {
    format!(
        r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>{address}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#
    )
}

impl Desktop {
    /// Starts one in an empty folder, without a keyring.
    ///
    /// # Errors
    /// If a part does not start.
    pub async fn start(folder: &Path) -> Result<Self> {
        std::fs::create_dir_all(folder.join("bin"))?;
        let socket = folder.join("bus");
        let address = format!("unix:path={}", socket.display());
        let configuration = folder.join("bus.conf");
        std::fs::write(&configuration, bus_configuration(&address))?;
        let bus = Owned::start(
            Command::new("dbus-daemon")
                .args(["--nofork", "--nopidfile", "--config-file"])
                .arg(&configuration)
                .env("HOME", folder),
            &folder.join("bus.log"),
        )?;
        wait_for_socket(&socket).await?;
        let (sender, posted) = watch::channel(Vec::new());
        let connection = zbus::connection::Builder::address(address.as_str())?
            .serve_at(NOTIFICATIONS_PATH, Shown(sender.clone()))?
            .name(NOTIFICATIONS)?
            .build()
            .await
            .context("the session bus")?;
        let opened = folder.join("opened");
        let browser = folder.join("bin/xdg-open");
        std::fs::write(
            &browser,
            format!(
                "#!/bin/sh\nprintf '%s\\n' \"$1\" >> '{}'\n",
                opened.display()
            ),
        )?;
        std::fs::set_permissions(&browser, std::fs::Permissions::from_mode(0o755))?;
        Ok(Self {
            folder: folder.to_owned(),
            address,
            posted,
            shown: sender,
            connection,
            keyring: None,
            _bus: bus,
        })
    }

    /// Gives it a keyring, unlocked.
    ///
    /// # Errors
    /// If it does not start.
    pub async fn unlock_keyring(&mut self) -> Result<()> {
        let log = self.folder.join("keyring.log");
        let control = self.folder.join("keyring");
        std::fs::create_dir_all(&control)?;
        // The password comes by standard input, which ends with it.
        let mut command = Command::new("sh");
        command
            .arg("-c")
            .arg("printf test | exec gnome-keyring-daemon --foreground --unlock --components=secrets --control-directory=\"$1\"")
            .arg("sh")
            .arg(&control)
            .env("DBUS_SESSION_BUS_ADDRESS", &self.address)
            .env("HOME", &self.folder)
            .env("XDG_DATA_HOME", self.folder.join("data"));
        self.keyring = Some(Owned::start(&mut command, &log)?);
        let bus = zbus::fdo::DBusProxy::new(&self.connection).await?;
        let deadline = tokio::time::Instant::now() + LIMIT;
        while !bus.name_has_owner(SECRETS.try_into()?).await? {
            if tokio::time::Instant::now() > deadline {
                bail!("no keyring: {}", std::fs::read_to_string(&log)?);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    /// Gives it a tray.
    ///
    /// # Errors
    /// If the bus is gone.
    pub async fn show_tray(&self) -> Result<()> {
        let server = self.connection.object_server();
        server.at("/StatusNotifierWatcher", Watcher).await?;
        self.connection.request_name(WATCHER).await?;
        Ok(())
    }

    /// Gives it somebody who keeps the display on when asked.
    ///
    /// # Errors
    /// If the bus is gone.
    pub async fn display(&self) -> Result<Display> {
        Display::start(&self.connection).await
    }

    /// Whoever kept the display on is gone from the bus.
    ///
    /// # Errors
    /// If nobody was there.
    pub async fn forget_display(&self) -> Result<()> {
        Display::forget(&self.connection).await
    }

    /// Gives it a portal that says that the desktop is dark.
    ///
    /// # Errors
    /// If the bus is gone.
    pub async fn be_dark(&self) -> Result<()> {
        let server = self.connection.object_server();
        server.at(PORTAL_PATH, Appearance(1)).await?;
        self.connection.request_name(PORTAL).await?;
        Ok(())
    }

    /// From now on the desktop is light.
    ///
    /// # Errors
    /// If the bus is gone.
    pub async fn become_light(&self) -> Result<()> {
        let emitter = SignalEmitter::new(&self.connection, PORTAL_PATH)?;
        Appearance::tell(&emitter, 2).await?;
        Ok(())
    }

    /// Gives it a portal and a keyring that take calls and never answer.
    ///
    /// # Errors
    /// If the bus is gone.
    pub async fn be_silent(&self) -> Result<Silent> {
        Silent::start(&self.address, &[PORTAL, SECRETS]).await
    }

    /// Labels of everything that the keyring holds.
    ///
    /// # Errors
    /// If there is no keyring.
    pub async fn secrets(&self) -> Result<Vec<String>> {
        let get = |path: String, interface: &'static str, property: &'static str| async move {
            let properties =
                zbus::fdo::PropertiesProxy::new(&self.connection, SECRETS, path).await?;
            anyhow::Ok(properties.get(interface.try_into()?, property).await?)
        };
        let alias = self
            .connection
            .call_method(
                Some(SECRETS),
                "/org/freedesktop/secrets",
                Some("org.freedesktop.Secret.Service"),
                "ReadAlias",
                &("default",),
            )
            .await?;
        let collection: OwnedObjectPath = alias.body().deserialize()?;
        let items = get(
            collection.to_string(),
            "org.freedesktop.Secret.Collection",
            "Items",
        )
        .await?;
        let mut labels = Vec::new();
        for item in Vec::<OwnedObjectPath>::try_from(items)? {
            let label = get(item.to_string(), "org.freedesktop.Secret.Item", "Label").await?;
            labels.push(String::try_from(label)?);
        }
        Ok(labels)
    }

    /// Waits until the keyring holds something: a program shows what is to be kept before it is.
    ///
    /// # Errors
    /// If there is no keyring, or it holds nothing in time.
    pub async fn keeps_something(&self, limit: Duration) -> Result<()> {
        let deadline = tokio::time::Instant::now() + limit;
        while self.secrets().await?.is_empty() {
            if tokio::time::Instant::now() > deadline {
                bail!("the keyring holds nothing");
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    /// What the keyring holds once that is no more than so many entries, or after `limit`: a program shows that somebody
    /// has signed out before the keyring has followed.
    ///
    /// # Errors
    /// If there is no keyring.
    pub async fn forgets(&self, most: usize, limit: Duration) -> Result<Vec<String>> {
        let deadline = tokio::time::Instant::now() + limit;
        loop {
            let held = self.secrets().await;
            let is_over = tokio::time::Instant::now() > deadline;
            match held {
                Ok(held) if held.len() <= most || is_over => return Ok(held),
                Err(error) if is_over => return Err(error),
                // One that goes while they are read is one that cannot be read.
                Ok(_) | Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    }

    /// What a program has to be given to be on this desktop.
    pub fn environment(&self) -> Vec<(String, String)> {
        let path = std::env::var("PATH").unwrap_or_default();
        let own = self.folder.join("bin");
        vec![
            ("DBUS_SESSION_BUS_ADDRESS".into(), self.address.clone()),
            ("PATH".into(), format!("{}:{path}", own.display())),
        ]
    }

    /// Its bus.
    pub fn bus(&self) -> &zbus::Connection {
        &self.connection
    }

    /// Address of its bus.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Waits until a program opens an address in the browser, and takes it: the one that a browser
    /// is led to from there.
    ///
    /// # Errors
    /// If none does in time.
    pub async fn opened(&self, limit: Duration) -> Result<String> {
        let begin = self.opened_with(limit).await?;
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
        let answer = client.build()?.get(&begin).send().await?;
        let led = answer.headers().get(reqwest::header::LOCATION);
        let led = led.with_context(|| format!("{begin} leads nowhere"))?;
        Ok(led.to_str()?.to_owned())
    }

    async fn opened_with(&self, limit: Duration) -> Result<String> {
        let file = self.folder.join("opened");
        let deadline = tokio::time::Instant::now() + limit;
        loop {
            let text = std::fs::read_to_string(&file).unwrap_or_default();
            if let Some((first, _)) = text.split_once('\n') {
                let first = first.to_owned();
                std::fs::remove_file(&file)?;
                return Ok(first);
            }
            if tokio::time::Instant::now() > deadline {
                bail!("nothing was opened in the browser");
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits until the notifications are as asked for.
    ///
    /// # Errors
    /// If they are not in time.
    pub async fn notifications(
        &mut self,
        limit: Duration,
        as_asked: impl Fn(&[Notification]) -> bool,
    ) -> Result<Vec<Notification>> {
        let waiting = self.posted.wait_for(|posted| as_asked(posted));
        if let Ok(posted) = tokio::time::timeout(limit, waiting).await {
            return Ok(posted?.clone());
        }
        bail!("the notifications are {:?}", *self.posted.borrow())
    }

    /// Presses a button of a notification.
    ///
    /// # Errors
    /// If the bus is gone.
    pub async fn press(&self, id: u32, action: &str) -> Result<()> {
        self.shown.send_modify(|posted| {
            for notification in posted.iter_mut().filter(|one| one.id == id) {
                notification.closed = true;
            }
        });
        let emitter = SignalEmitter::new(&self.connection, NOTIFICATIONS_PATH)?;
        Shown::action_invoked(&emitter, id, action).await?;
        // 2: dismissed by the user.
        Shown::notification_closed(&emitter, id, 2).await?;
        Ok(())
    }
}

/// The file is there before anybody listens.
async fn wait_for_socket(path: &Path) -> Result<()> {
    let deadline = tokio::time::Instant::now() + LIMIT;
    while tokio::net::UnixStream::connect(path).await.is_err() {
        if tokio::time::Instant::now() > deadline {
            bail!("nobody listens at {}", path.display());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}
