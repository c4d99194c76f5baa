//! A network that fails: a TCP proxy before PostgreSQL, NATS or LINE which cuts, delays, holds, half-closes and refuses,
//! and loses just the answer that matters.
//!
//! It runs on a thread of its own, so that it goes on while a test blocks its runtime. A port that refuses stays this
//! proxy's: a socket that is bound and does not listen holds it.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rand::Rng;
use reqwest::Url;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::harness::eventually;

/// What becomes of bytes in one direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flow {
    On,
    /// They come so much later, one after another.
    Late(Duration),
    /// They are not read: as a network that swallows everything and says nothing.
    Held,
    /// The first of them ends the stream instead of arriving; the other direction goes on.
    Ended,
}

#[derive(Clone, Debug)]
struct State {
    target: String,
    listens: bool,
    requests: Flow,
    answers: Flow,
    /// Connections of before the last cut are over.
    cuts: u32,
}

/// Requests that hold certain bytes, and the one of them whose answer is lost.
#[derive(Debug, Default)]
struct Trap {
    bytes: &'static [u8],
    /// Those that pass before; none when the trap is not set.
    before: Option<u32>,
}

impl Trap {
    fn springs(&mut self, request: &[u8]) -> bool {
        let Some(before) = self.before else { return false };
        if !request.windows(self.bytes.len()).any(|window| window == self.bytes) {
            return false;
        }
        self.before = before.checked_sub(1);
        self.before.is_none()
    }
}

/// A connection that is to end at once.
struct Lost;

/// A proxy. Dropping it cuts everything.
pub(crate) struct Proxy {
    addr: SocketAddr,
    state: watch::Sender<State>,
    trap: Arc<Mutex<Trap>>,
    runtime: Option<Runtime>,
}

impl Proxy {
    /// `target` is `host:port`.
    pub(crate) fn to(target: impl Into<String>) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let state = State { target: target.into(), listens: true, requests: Flow::On, answers: Flow::On, cuts: 0 };
        let state = watch::Sender::new(state);
        let guard = runtime.enter();
        let holder = bound(SocketAddr::from(([127, 0, 0, 1], 0)));
        let addr = holder.local_addr().unwrap();
        let listener = listen(addr);
        drop(guard);
        let trap = Arc::<Mutex<Trap>>::default();
        let (listening, set) = (state.subscribe(), Arc::clone(&trap));
        drop(runtime.spawn(async move {
            let _holder = holder;
            serve(addr, listener, listening, set).await;
        }));
        Self { addr, state, trap, runtime: Some(runtime) }
    }

    /// A proxy before the server of a URL, and that URL by way of the proxy.
    pub(crate) fn before(url: &str) -> (Self, String) {
        let mut url: Url = url.parse().unwrap();
        let proxy = Self::to(format!("{}:{}", url.host_str().unwrap(), url.port().unwrap()));
        url.set_host(Some(&proxy.addr.ip().to_string())).unwrap();
        url.set_port(Some(proxy.addr.port())).unwrap();
        (proxy, url.to_string())
    }

    /// For a target that is known later: nothing is served until then.
    pub(crate) fn set_target(&self, addr: SocketAddr) {
        self.state.send_modify(|state| state.target = addr.to_string());
    }

    pub(crate) const fn addr(&self) -> SocketAddr {
        self.addr
    }

    pub(crate) fn http_url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// Resets every connection there is; new ones are welcome.
    pub(crate) fn cut(&self) {
        self.state.send_modify(|state| state.cuts += 1);
    }

    /// Of the next requests that hold these bytes, `before` pass; then one does, and its connection is reset as soon as it
    /// is answered, and before the answer is passed on. The requests must come in one piece.
    pub(crate) fn lose_answer(&self, bytes: &'static [u8], before: u32) {
        *self.trap.lock().unwrap() = Trap { bytes, before: Some(before) };
    }

    /// Whether such an answer is still to be lost.
    pub(crate) fn is_to_lose(&self) -> bool {
        self.trap.lock().unwrap().before.is_some()
    }

    /// Resets every connection and refuses new ones.
    pub(crate) async fn down(&self) {
        self.state.send_modify(|state| (state.listens, state.cuts) = (false, state.cuts + 1));
        eventually("the proxy refuses", async || TcpStream::connect(self.addr).await.is_err().then_some(())).await;
    }

    /// Nothing passes any more, and nobody is told.
    pub(crate) fn hold(&self) {
        self.state.send_modify(|state| (state.requests, state.answers) = (Flow::Held, Flow::Held));
    }

    /// Requests pass; what comes back does not.
    pub(crate) fn hold_answers(&self) {
        self.state.send_modify(|state| state.answers = Flow::Held);
    }

    /// Everything takes so much longer, each way.
    pub(crate) fn delay(&self, by: Duration) {
        self.state.send_modify(|state| (state.requests, state.answers) = (Flow::Late(by), Flow::Late(by)));
    }

    /// Something of all this by chance, until [`Proxy::up`].
    pub(crate) async fn fail(&self, rng: &mut impl Rng) {
        match rng.random_range(0..6) {
            0 => self.cut(),
            1 => self.down().await,
            2 => self.hold(),
            3 => self.hold_answers(),
            4 => self.end_answers(),
            _ => self.delay(Duration::from_millis(rng.random_range(1..100))),
        }
    }

    /// Half-closes: requests pass, and where an answer would come, the stream ends.
    pub(crate) fn end_answers(&self) {
        self.state.send_modify(|state| state.answers = Flow::Ended);
    }

    /// Everything works again, for connections that are still there and for new ones.
    pub(crate) async fn up(&self) {
        self.state.send_modify(|state| {
            (state.listens, state.requests, state.answers) = (true, Flow::On, Flow::On);
        });
        eventually("the proxy listens", async || TcpStream::connect(self.addr).await.is_ok().then_some(())).await;
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn bound(addr: SocketAddr) -> TcpSocket {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_reuseaddr(true).unwrap();
    socket.set_reuseport(true).unwrap();
    socket.bind(addr).unwrap();
    socket
}

fn listen(addr: SocketAddr) -> TcpListener {
    bound(addr).listen(128).unwrap()
}

async fn serve(addr: SocketAddr, listener: TcpListener, mut state: watch::Receiver<State>, trap: Arc<Mutex<Trap>>) {
    let mut listener = Some(listener);
    let mut connections = JoinSet::new();
    loop {
        let listens = state.borrow_and_update().listens;
        if !listens {
            listener = None;
        } else if listener.is_none() {
            listener = Some(listen(addr));
        }
        let accept = async {
            match &listener {
                Some(listener) => listener.accept().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            changed = state.changed() => if changed.is_err() { return },
            accepted = accept => if let Ok((client, _)) = accepted {
                connections.spawn(connect(client, state.clone(), Arc::clone(&trap)));
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connect(mut client: TcpStream, mut state: watch::Receiver<State>, trap: Arc<Mutex<Trap>>) {
    let (target, cuts) = {
        let state = state.borrow_and_update();
        (state.target.clone(), state.cuts)
    };
    let Ok(mut server) = TcpStream::connect(target).await else { return };
    let (requests, answers) = (state.clone(), state.clone());
    {
        let (from_client, to_client) = client.split();
        let (from_server, to_server) = server.split();
        let is_lost = AtomicBool::new(false);
        let look_at_request = |bytes: &[u8]| {
            if trap.lock().unwrap().springs(bytes) {
                is_lost.store(true, Ordering::SeqCst);
            }
            Ok(())
        };
        let carrying = async {
            tokio::try_join!(
                carry(from_client, to_server, requests, |state| state.requests, look_at_request),
                carry(
                    from_server,
                    to_client,
                    answers,
                    |state| state.answers,
                    |_| { if is_lost.load(Ordering::SeqCst) { Err(Lost) } else { Ok(()) } }
                ),
            )
        };
        tokio::select! {
            biased;
            // First, so that nothing passes that was let go after the cut. One that was taken just before the proxy went down
            // may have been too late for the cut.
            _ = state.wait_for(|state| state.cuts != cuts || !state.listens) => {}
            _ = carrying => {}
        }
    }
    // Over at once for both sides; after an end in order this changes nothing.
    let _ = client.set_zero_linger();
    let _ = server.set_zero_linger();
}

async fn carry(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut state: watch::Receiver<State>,
    flow_of: impl Fn(&State) -> Flow,
    look: impl Fn(&[u8]) -> Result<(), Lost>,
) -> Result<(), Lost> {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let flow = flow_of(&state.borrow_and_update());
        tokio::select! {
            changed = state.changed() => if changed.is_err() { return Ok(()) },
            read = from.read(&mut buffer), if flow != Flow::Held => match read {
                Ok(count) if count > 0 && flow != Flow::Ended => {
                    look(&buffer[..count])?;
                    if let Flow::Late(by) = flow {
                        tokio::time::sleep(by).await;
                    }
                    if to.write_all(&buffer[..count]).await.is_err() {
                        return Ok(());
                    }
                }
                _ => {
                    let _ = to.shutdown().await;
                    return Ok(());
                }
            },
        }
    }
}
