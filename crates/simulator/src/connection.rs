//! Connections that can be cut: a client then sees the end of the stream or a reset, and no byte of an answer.
//!
//! axum offers no way to drop a connection from a handler. So the listener hands out streams that fail every read and
//! write once their token is cancelled; hyper then drops the connection, and the socket closes.

use std::future::Future as _;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

/// A listener whose connections end with `stop`, or one by one.
#[derive(Debug)]
pub(crate) struct CuttableListener {
    pub(crate) tcp: TcpListener,
    pub(crate) stop: CancellationToken,
}

/// The connection a request came on.
#[derive(Clone, Debug)]
pub(crate) struct Connection(CancellationToken);

impl Connection {
    /// Breaks the connection. Whatever the handler returns afterwards is not written.
    pub(crate) fn cut(&self) {
        self.0.cancel();
    }
}

#[derive(Debug)]
pub(crate) struct CuttableStream {
    tcp: TcpStream,
    cut: CancellationToken,
    // Boxed, since it must not move and the stream must be able to.
    on_cut: Pin<Box<WaitForCancellationFutureOwned>>,
}

impl CuttableStream {
    fn poll_cut(&mut self, cx: &mut Context<'_>) -> Poll<io::Error> {
        if !self.cut.is_cancelled() {
            ready!(self.on_cut.as_mut().poll(cx));
        }
        Poll::Ready(io::ErrorKind::ConnectionAborted.into())
    }
}

impl Listener for CuttableListener {
    type Io = CuttableStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        let (tcp, addr) = Listener::accept(&mut self.tcp).await;
        let cut = self.stop.child_token();
        (CuttableStream { tcp, on_cut: Box::pin(cut.clone().cancelled_owned()), cut }, addr)
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.tcp.local_addr()
    }
}

impl Connected<IncomingStream<'_, CuttableListener>> for Connection {
    fn connect_info(stream: IncomingStream<'_, CuttableListener>) -> Self {
        Self(stream.io().cut.clone())
    }
}

impl AsyncRead for CuttableStream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.poll_cut(cx) {
            Poll::Ready(error) => Poll::Ready(Err(error)),
            Poll::Pending => Pin::new(&mut self.tcp).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for CuttableStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match self.poll_cut(cx) {
            Poll::Ready(error) => Poll::Ready(Err(error)),
            Poll::Pending => Pin::new(&mut self.tcp).poll_write(cx, buf),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_shutdown(cx)
    }
}
