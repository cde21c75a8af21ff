//! Scalars: identifiers, moments, days, regions, long numbers.

use std::borrow::Cow;

use async_graphql::{InputType, InputValueError, InputValueResult, Scalar, ScalarType, Value, registry};
use chrono::NaiveDate;
use cordon_context as context;
use cordon_context::IdKind;

/// An identifier of one kind; the schema shows it as `ID`, and another kind is refused.
pub(crate) struct Gid<K>(pub(crate) context::Id<K>);

impl<K> Clone for Gid<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K> Copy for Gid<K> {}

impl<K> From<context::Id<K>> for Gid<K> {
    fn from(id: context::Id<K>) -> Self {
        Self(id)
    }
}

impl<K> From<Gid<K>> for context::Id<K> {
    fn from(id: Gid<K>) -> Self {
        id.0
    }
}

impl<K: IdKind> InputType for Gid<K> {
    type RawValueType = Self;

    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed("ID")
    }

    fn create_type_info(registry: &mut registry::Registry) -> String {
        <async_graphql::ID as InputType>::create_type_info(registry)
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        let text = match value {
            Some(Value::String(text)) => text,
            other => return Err(InputValueError::expected_type(other.unwrap_or_default())),
        };
        text.parse()
            .map(Self)
            .map_err(|_source| InputValueError::custom(format!("not an identifier of the kind {}", K::PREFIX)))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }
}

impl<K: IdKind> async_graphql::OutputType for Gid<K> {
    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed("ID")
    }

    fn create_type_info(registry: &mut registry::Registry) -> String {
        <async_graphql::ID as async_graphql::OutputType>::create_type_info(registry)
    }

    async fn resolve(
        &self,
        _ctx: &async_graphql::ContextSelectionSet<'_>,
        _field: &async_graphql::Positioned<async_graphql::parser::types::Field>,
    ) -> async_graphql::ServerResult<Value> {
        Ok(Value::String(self.0.to_string()))
    }
}

fn text(value: Value) -> InputValueResult<String> {
    match value {
        Value::String(text) => Ok(text),
        other => Err(InputValueError::expected_type(other)),
    }
}

fn mismatch<T>(value: &Value) -> InputValueError<T>
where
    T: InputType,
{
    InputValueError::expected_type(value.clone())
}

macro_rules! converted {
    ($scalar:ident, $domain:ty) => {
        impl From<$domain> for $scalar {
            fn from(value: $domain) -> Self {
                Self(value)
            }
        }
        impl From<$scalar> for $domain {
            fn from(value: $scalar) -> Self {
                value.0
            }
        }
    };
}

/// 时刻，RFC 3339 格式，读入时接受任意时区，输出为北京时间 / A moment in RFC 3339; read with any offset, written in Chinese standard time.
#[derive(Clone, Copy)]
pub(crate) struct DateTime(pub(crate) context::Timestamp);
converted!(DateTime, context::Timestamp);

/// 时刻，RFC 3339 格式，读入时接受任意时区，输出为北京时间 / A moment in RFC 3339; read with any offset, written in Chinese standard time.
#[Scalar]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        let parsed = text(value.clone()).ok().and_then(|text| context::Timestamp::parse_rfc3339(&text));
        parsed.map(Self).ok_or_else(|| mismatch(&value))
    }

    fn is_valid(value: &Value) -> bool {
        <Self as ScalarType>::parse(value.clone()).is_ok()
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_rfc3339())
    }
}

/// 日期，YYYY-MM-DD，北京时间 / A day as YYYY-MM-DD, in Chinese standard time.
#[derive(Clone, Copy)]
pub(crate) struct Date(pub(crate) NaiveDate);
converted!(Date, NaiveDate);

/// 日期，YYYY-MM-DD，北京时间 / A day as YYYY-MM-DD, in Chinese standard time.
#[Scalar]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        let parsed = text(value.clone()).ok().and_then(|text| NaiveDate::parse_from_str(&text, "%Y-%m-%d").ok());
        parsed.map(Self).ok_or_else(|| mismatch(&value))
    }

    fn is_valid(value: &Value) -> bool {
        <Self as ScalarType>::parse(value.clone()).is_ok()
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.format("%Y-%m-%d").to_string())
    }
}

/// 六位行政区划代码（GB/T 2260），000000 为全国 / A six-digit region code of GB/T 2260; 000000 is the whole country.
#[derive(Clone, Copy)]
pub(crate) struct Region(pub(crate) context::Region);
converted!(Region, context::Region);

/// 六位行政区划代码（GB/T 2260），000000 为全国 / A six-digit region code of GB/T 2260; 000000 is the whole country.
#[Scalar]
impl ScalarType for Region {
    fn parse(value: Value) -> InputValueResult<Self> {
        let parsed = text(value.clone()).ok().and_then(|text| text.parse().ok());
        parsed.map(Self).ok_or_else(|| mismatch(&value))
    }

    fn is_valid(value: &Value) -> bool {
        <Self as ScalarType>::parse(value.clone()).is_ok()
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// 整数，可超过 32 位，绝对值小于 2^53 / A whole number that may exceed 32 bits; its magnitude stays below 2^53.
#[derive(Clone, Copy)]
pub(crate) struct Long(pub(crate) i64);
converted!(Long, i64);

impl From<u64> for Long {
    fn from(value: u64) -> Self {
        Self(i64::try_from(value).unwrap_or(i64::MAX))
    }
}

impl From<u32> for Long {
    fn from(value: u32) -> Self {
        Self(i64::from(value))
    }
}

/// 整数，可超过 32 位，绝对值小于 2^53 / A whole number that may exceed 32 bits; its magnitude stays below 2^53.
#[Scalar]
impl ScalarType for Long {
    fn parse(value: Value) -> InputValueResult<Self> {
        const MOST: i64 = 1 << 53;
        let number = if let Value::Number(number) = &value { number.as_i64() } else { None };
        number.filter(|number| (-MOST..=MOST).contains(number)).map(Self).ok_or_else(|| mismatch(&value))
    }

    fn is_valid(value: &Value) -> bool {
        <Self as ScalarType>::parse(value.clone()).is_ok()
    }

    fn to_value(&self) -> Value {
        Value::Number(self.0.into())
    }
}

/// 机构职责，如 network:mobile@440000、mvno:…、platform:…、registrar:…、access:… / What an organisation answers for, such as network:mobile@440000, mvno:…, platform:…, registrar:… or access:….
#[derive(Clone)]
pub(crate) struct Responsibility(pub(crate) cordon_directory_contract::Responsibility);
converted!(Responsibility, cordon_directory_contract::Responsibility);

/// 机构职责，如 network:mobile@440000、mvno:…、platform:…、registrar:…、access:… / What an organisation answers for, such as network:mobile@440000, mvno:…, platform:…, registrar:… or access:….
#[Scalar]
impl ScalarType for Responsibility {
    fn parse(value: Value) -> InputValueResult<Self> {
        let parsed = text(value.clone()).ok().and_then(|text| text.parse().ok());
        parsed.map(Self).ok_or_else(|| mismatch(&value))
    }

    fn is_valid(value: &Value) -> bool {
        <Self as ScalarType>::parse(value.clone()).is_ok()
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

impl<K: IdKind> From<Gid<K>> for async_graphql::ID {
    fn from(id: Gid<K>) -> Self {
        Self(id.0.to_string())
    }
}
