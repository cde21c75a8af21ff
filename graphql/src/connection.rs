//! Lists in the form of Relay: edges with opaque cursors, and what follows.

use std::borrow::Cow;

use async_graphql::{Context, OutputType, Result, SimpleObject, TypeName};
use cordon_context::{Bilingual, Cursor, MAX_PAGE, Page, PageRequest, Refusal};
use data_encoding::BASE64URL_NOPAD;

use crate::answer::error_of;
use crate::scalar::Long;

/// 分页信息 / What lies before and behind a page.
#[derive(SimpleObject)]
pub(crate) struct PageInfo {
    /// 之后是否还有 / Whether more rows follow.
    has_next_page: bool,
    /// 之前是否还有；列表只能向后翻页，故恒为 false / Whether rows lie before; lists go forward only, so always false.
    has_previous_page: bool,
    /// 本页第一行的游标 / The cursor of the first row.
    start_cursor: Option<String>,
    /// 本页最后一行的游标 / The cursor of the last row.
    end_cursor: Option<String>,
}

/// 列表的一行 / One row of a list.
#[derive(SimpleObject)]
#[graphql(name_type)]
pub(crate) struct Edge<N: OutputType> {
    /// 本行的游标 / The row's cursor.
    cursor: String,
    /// 本行的对象 / The row's object.
    node: N,
}

impl<N: OutputType> TypeName for Edge<N> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Edge", <N as OutputType>::type_name()).into()
    }
}

/// 列表的一页 / One page of a list.
#[derive(SimpleObject)]
#[graphql(name_type)]
pub(crate) struct Connection<N: OutputType> {
    /// 各行 / The rows.
    edges: Vec<Edge<N>>,
    /// 分页信息 / What lies before and behind.
    page_info: PageInfo,
    /// 可见范围内的总数；仅在选取该字段时统计 / The total within reach; counted only where it is selected.
    total_count: Option<Long>,
}

impl<N: OutputType> TypeName for Connection<N> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Connection", <N as OutputType>::type_name()).into()
    }
}

impl<N: OutputType> Connection<N> {
    /// Wraps a page of domain values.
    pub(crate) fn of<T>(page: Page<T>, wrap: impl Fn(T) -> N) -> Self {
        let name = <N as OutputType>::type_name();
        let Page { edges, has_next, total } = page;
        let edges: Vec<Edge<N>> = edges
            .into_iter()
            .map(|(place, row)| Edge { cursor: write_cursor(&name, &place), node: wrap(row) })
            .collect();
        let page_info = PageInfo {
            has_next_page: has_next,
            has_previous_page: false,
            start_cursor: edges.first().map(|edge| edge.cursor.clone()),
            end_cursor: edges.last().map(|edge| edge.cursor.clone()),
        };
        Self { edges, page_info, total_count: total.map(Long::from) }
    }
}

/// Reads `first` and `after` of a list of `N`, and whether the total is wanted.
pub(crate) fn page<N: OutputType>(ctx: &Context<'_>, first: Option<i32>, after: Option<&str>) -> Result<PageRequest> {
    let count = ctx.look_ahead().field("totalCount").exists();
    request::<N>(first, after, count).map_err(|refusal| error_of(&refusal))
}

fn request<N: OutputType>(first: Option<i32>, after: Option<&str>, count: bool) -> Result<PageRequest, Refusal> {
    let first = first
        .map(|first| u32::try_from(first).ok().filter(|first| (1..=MAX_PAGE).contains(first)).ok_or_else(out_of_range));
    let after = after.map(|text| read_cursor(&N::type_name(), text).ok_or_else(foreign_cursor));
    Ok(PageRequest { first: first.transpose()?, after: after.transpose()?, count })
}

/// What a list costs: its page size times the cost of a row. A size out of range is refused where the list is resolved, which
/// may be never; it counts as the nearest size in range.
pub(crate) fn cost(first: Option<i32>, row: usize) -> usize {
    let most = usize::try_from(MAX_PAGE).unwrap_or(usize::MAX);
    let first = first.map_or(50, |first| usize::try_from(first).unwrap_or(0).clamp(1, most));
    several(first, row)
}

/// What so many objects cost, and the field that holds them.
///
/// The library adds costs without looking for an overflow. No sum of the selections that a document may have reaches one
/// while each of them stays below this ceiling.
pub(crate) fn several(count: usize, row: usize) -> usize {
    const CEILING: usize = 1 << 40;
    count.saturating_mul(row).saturating_add(1).min(CEILING)
}

fn out_of_range() -> Refusal {
    let text =
        Bilingual::new(format!("first 须在 1 至 {MAX_PAGE} 之间"), format!("first lies between 1 and {MAX_PAGE}"));
    Refusal::invalid("first", "page.first", text)
}

fn foreign_cursor() -> Refusal {
    Refusal::invalid("after", "page.cursor", Bilingual::new("游标不属于该列表", "the cursor is not one of this list"))
}

/// A cursor names its list, so that one of another list is refused and not misread.
fn write_cursor(list: &str, place: &Cursor) -> String {
    BASE64URL_NOPAD.encode(format!("{list}|{}|{}", place.key, place.id.simple()).as_bytes())
}

fn read_cursor(list: &str, text: &str) -> Option<Cursor> {
    if text.len() > 256 {
        return None;
    }
    let plain = String::from_utf8(BASE64URL_NOPAD.decode(text.as_bytes()).ok()?).ok()?;
    let mut parts = plain.split('|');
    let (name, key, id) = (parts.next()?, parts.next()?, parts.next()?);
    if name != list || parts.next().is_some() {
        return None;
    }
    Some(Cursor { key: key.parse().ok()?, id: uuid::Uuid::try_parse(id).ok()? })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn cursors_round_trip_and_belong_to_one_list(key: i64, id: u128, junk in ".{0,40}") {
            let place = Cursor { key, id: uuid::Uuid::from_u128(id) };
            let text = write_cursor("Order", &place);
            prop_assert_eq!(read_cursor("Order", &text), Some(place));
            prop_assert_eq!(read_cursor("Task", &text), None);
            prop_assert_eq!(read_cursor("Order", &junk), None);
        }
    }

    #[test]
    fn page_sizes_have_a_range() {
        for first in [0, -1, 201, i32::MAX] {
            assert_eq!(request::<String>(Some(first), None, false).unwrap_err().field.as_deref(), Some("first"));
        }
        assert_eq!(request::<String>(Some(200), None, true).unwrap().limit(), 200);
        assert_eq!(request::<String>(None, Some("x"), false).unwrap_err().field.as_deref(), Some("after"));
        assert_eq!(cost(Some(200), 10), 2_001);
    }

    #[test]
    fn costs_stay_where_they_can_be_added() {
        assert_eq!((cost(Some(i32::MAX), 10), cost(Some(-1), 10), cost(None, 10)), (2_001, 11, 501));
        let deep = (0..64).fold(1, |row, _| cost(Some(i32::MAX), row));
        assert_eq!(deep.checked_mul(100_000).map(|sum| sum > 1 << 40), Some(true));
    }
}
