//! The listener: no more connections than the node can bear, and none that only wait.
//!
//! A connection on which nothing has come for [`IDLE`] is ended: a request that was begun and never goes on, or one kept
//! open for nothing. Sockets live on: their clients ping every 25 s (WS9). What comes slowly but comes is let be; a proxy in
//! front may be stricter.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, Sleep};

/// How long a client may say nothing.
const IDLE: Duration = Duration::from_secs(90);
/// Connections at once; who comes beyond waits in the system's queue.
const CONNECTIONS: usize = 20_000;
/// Connections that the system makes before they are accepted; it may allow fewer (`net.core.somaxconn`). Whoever comes when
/// there are as many tries again after a second: with the library's 128 everybody did whose desk came back.
const QUEUED: u32 = 4096;

/// Listens at an address.
pub(crate) fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // Connections of a process that has ended do not keep its successor from listening.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(QUEUED)
}

/// Accepts within bounds.
pub(crate) struct BoundedListener {
    tcp: TcpListener,
    places: Arc<Semaphore>,
    idle: Duration,
}

impl BoundedListener {
    pub(crate) fn new(tcp: TcpListener) -> Self {
        Self { tcp, places: Arc::new(Semaphore::new(CONNECTIONS)), idle: IDLE }
    }
}

impl Listener for BoundedListener {
    type Io = BoundedStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (BoundedStream, SocketAddr) {
        loop {
            let Ok(place) = Arc::clone(&self.places).acquire_owned().await else { continue };
            let (tcp, address) = Listener::accept(&mut self.tcp).await;
            // Frames and answers are small and wanted at once.
            let _ = tcp.set_nodelay(true);
            let patience = Box::pin(tokio::time::sleep(self.idle));
            return (BoundedStream { tcp, patience, idle: self.idle, _place: place }, address);
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.tcp.local_addr()
    }
}

/// The other end of a connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) SocketAddr);

impl Connected<IncomingStream<'_, BoundedListener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, BoundedListener>) -> Self {
        Self(*stream.remote_addr())
    }
}

/// A connection that ends when its client says nothing for too long.
pub(crate) struct BoundedStream {
    tcp: TcpStream,
    patience: Pin<Box<Sleep>>,
    idle: Duration,
    _place: OwnedSemaphorePermit,
}

impl AsyncRead for BoundedStream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        match Pin::new(&mut this.tcp).poll_read(cx, buf) {
            Poll::Ready(read) => {
                this.patience.as_mut().reset(Instant::now() + this.idle);
                Poll::Ready(read)
            }
            Poll::Pending => match this.patience.as_mut().poll(cx) {
                Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
                Poll::Pending => Poll::Pending,
            },
        }
    }
}

impl AsyncWrite for BoundedStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.tcp).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.tcp).poll_write_vectored(cx, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.tcp.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    async fn pair(idle: Duration) -> (BoundedStream, TcpStream, BoundedListener) {
        let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = tcp.local_addr().unwrap();
        let mut listener = BoundedListener { idle, places: Arc::new(Semaphore::new(1)), tcp };
        let (accepted, client) = tokio::join!(listener.accept(), TcpStream::connect(address));
        (accepted.0, client.unwrap(), listener)
    }

    #[tokio::test]
    async fn many_who_come_at_once_need_not_come_again() {
        let listener = listen(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        let address = listener.local_addr().unwrap();
        let mut clients = Vec::new();
        // Nobody is accepted, so nobody beyond the queue would ever get through.
        for number in 0..300 {
            let client = tokio::time::timeout(Duration::from_secs(60), TcpStream::connect(address)).await;
            clients.push(client.unwrap_or_else(|_| panic!("client {number} is not let in")).unwrap());
        }
    }

    #[tokio::test]
    async fn a_client_that_says_nothing_is_left() {
        let (mut server, mut client, _listener) = pair(Duration::from_millis(200)).await;
        client.write_all(b"POST / HT").await.unwrap();
        let mut buffer = [0; 64];
        assert_eq!(server.read(&mut buffer).await.unwrap(), 9);
        assert_eq!(server.read(&mut buffer).await.unwrap_err().kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn a_place_is_free_again_when_its_connection_ends() {
        let (server, _client, mut listener) = pair(IDLE).await;
        let address = listener.local_addr().unwrap();
        let second = TcpStream::connect(address).await.unwrap();
        assert!(listener.accept().now_or_never().is_none(), "there is room for one");
        drop(server);
        let (_, from) = listener.accept().await;
        assert_eq!(from, second.local_addr().unwrap());
    }
}
