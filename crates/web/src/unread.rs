//! Answers that are given before the body of the request has come to its end.
//!
//! After such an answer the server reads a chunked body on, for as long as the client likes to send, once nobody holds
//! the body any more; while somebody does, it closes the connection instead. So the answer holds the rest of the body.

use std::cell::RefCell;
use std::error::Error;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use actix_web::HttpRequest;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::header::TRANSFER_ENCODING;
use actix_web::web::Bytes;
use futures::Stream;

/// A body of a request that the handler and the answer hold together.
#[derive(Clone)]
pub(crate) struct Rest(Rc<RefCell<Payload>>);

/// Splits a body without a known length, so that the answer can hold it too.
pub(crate) fn split(request: &HttpRequest, payload: Payload) -> (Payload, Option<Rest>) {
    if !request.headers().contains_key(TRANSFER_ENCODING) {
        return (payload, None);
    }
    let rest = Rest(Rc::new(RefCell::new(payload)));
    (Payload::Stream { payload: Box::pin(rest.clone()) }, Some(rest))
}

impl Stream for Rest {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut *self.0.borrow_mut()).poll_next(cx)
    }
}

/// The body of an answer that holds what is left of the request.
pub(crate) struct Holding {
    body: BoxBody,
    _rest: Rest,
}

impl Holding {
    pub(crate) fn new(body: BoxBody, rest: Rest) -> Self {
        Self { body, _rest: rest }
    }
}

impl MessageBody for Holding {
    type Error = Box<dyn Error>;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(cx)
    }
}
