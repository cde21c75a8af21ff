//! What would happen: every chosen target is named with everything worth knowing, before anything is issued.

use std::collections::{HashMap, HashSet};

use cordon_case_intake_contract::{CaseStatus, SubjectValue};
use cordon_context::{Action, Bilingual, CallContext, CaseId, OrganisationLevel, Refusal, Resource, SubjectId};
use cordon_disposal_contract::{
    Chosen, DisposalPreview, DisposeSubjects, Finding, FindingKind, Measure, PhoneFunction, PreviewRow, Subject,
    TargetKind,
};
use cordon_identifier::{Identifier, InvalidIdentifier, Kind, ProtectedList, Violation};
use cordon_policies::{act, on};
use cordon_store::Failure;

use crate::routing::Question;
use crate::service::Disposal;
use crate::store::task_holds;
use crate::store::tasks::StoredTask;
use crate::use_cases::issue::joins;

/// A target that was understood.
#[derive(Clone)]
pub(crate) struct Target {
    pub(crate) identifier: Identifier,
    pub(crate) subject: Subject,
    pub(crate) subject_index: Vec<u8>,
    pub(crate) measures: Vec<Measure>,
    pub(crate) functions: Vec<PhoneFunction>,
    pub(crate) protected: Option<String>,
}

/// What the preview found, with the targets that it was about.
pub(crate) struct Considered {
    pub(crate) preview: DisposalPreview,
    /// One for each row that was understood.
    pub(crate) targets: Vec<Option<Target>>,
}

impl Disposal {
    /// Says what would happen; changes nothing.
    pub(crate) async fn preview_disposal(
        &self,
        ctx: &CallContext,
        input: DisposeSubjects,
    ) -> Result<DisposalPreview, Failure> {
        let _grant = self.grant::<act::Create, on::Order>(ctx)?;
        Ok(self.consider(ctx, &input).await?.preview)
    }

    /// Understands every chosen target and finds out everything worth knowing about it.
    pub(crate) async fn consider(&self, ctx: &CallContext, input: &DisposeSubjects) -> Result<Considered, Failure> {
        self.check_size(input)?;
        self.check_case(ctx, input.case).await?;
        let known = self.values_of(ctx, input).await?;
        let mut rows = Vec::with_capacity(input.subjects.len());
        let mut targets = Vec::with_capacity(input.subjects.len());
        let mut seen = HashSet::new();
        for (position, chosen) in input.subjects.iter().enumerate() {
            let (target, mut findings) = self.understand(chosen, &known, input)?;
            if let Some(target) = &target
                && !seen.insert(target.subject.id)
            {
                findings.push(Finding::of(FindingKind::Duplicate));
            }
            rows.push(PreviewRow {
                position: u32::try_from(position).unwrap_or(u32::MAX),
                subject: target.as_ref().map(|target| target.subject.clone()),
                measures: target.as_ref().map(|target| target.measures.clone()).unwrap_or_default(),
                executors: Vec::new(),
                findings,
                fit: false,
            });
            targets.push(target);
        }
        self.find_victims(ctx, input, &mut rows, &mut targets).await?;
        self.find_protected(&mut rows, &mut targets).await?;
        self.find_cuts(input, &mut rows, &targets);
        self.find_in_force(ctx, &mut rows, &targets).await?;
        self.find_routes(ctx, &mut rows, &targets).await?;
        for row in &mut rows {
            row.fit = row.subject.is_some() && !row.findings.iter().any(|finding| finding.kind.blocks());
        }
        let fit: Vec<&Target> =
            rows.iter().zip(&targets).filter(|(row, _)| row.fit).filter_map(|(_, target)| target.as_ref()).collect();
        let wanted =
            fit.iter().flat_map(|target| target.measures.iter().map(|measure| (target.subject.kind, *measure)));
        let preview = DisposalPreview {
            fit: u32::try_from(fit.len()).unwrap_or(u32::MAX),
            approval_level: self.measures.approval_level(wanted),
            needs_protected_approval: fit.iter().any(|target| target.protected.is_some()),
            rows,
        };
        Ok(Considered { preview, targets })
    }

    fn check_size(&self, input: &DisposeSubjects) -> Result<(), Failure> {
        let most = self.parts.settings.most_items;
        if input.subjects.is_empty() {
            let text = Bilingual::new("请至少选择一个对象", "choose at least one target");
            return Err(Refusal::invalid("subjects", "order.no_items", text).into());
        }
        if input.subjects.len() > usize::try_from(most).unwrap_or(usize::MAX) {
            let text = Bilingual::new(
                format!("一个指令最多包含 {most} 个对象"),
                format!("one order holds at most {most} targets"),
            );
            return Err(Refusal::invalid("subjects", "order.too_many_items", text).into());
        }
        Ok(())
    }

    /// Whoever takes part in a case sees its orders, so that an order names only a case that its drafter sees and that still runs.
    async fn check_case(&self, ctx: &CallContext, case: Option<CaseId>) -> Result<(), Failure> {
        let Some(case) = case else { return Ok(()) };
        let status = if self.parts.gate.permits(&ctx.actor, Action::Read, Resource::Case) {
            self.parts.neighbours.case_status(ctx, case).await?
        } else {
            None
        };
        let refusal = match status {
            None => {
                Refusal::invalid("case", "order.case_unknown", Bilingual::new("未找到该案件", "the case was not found"))
            }
            Some(CaseStatus::Withdrawn) => {
                let text = Bilingual::new("该案件已撤销", "the case was withdrawn");
                Refusal::invalid("case", "order.case_withdrawn", text)
            }
            Some(_) => return Ok(()),
        };
        Err(refusal.into())
    }

    async fn values_of(
        &self,
        ctx: &CallContext,
        input: &DisposeSubjects,
    ) -> Result<HashMap<SubjectId, SubjectValue>, Failure> {
        let mut wanted: Vec<SubjectId> = input
            .subjects
            .iter()
            .filter_map(|chosen| match chosen {
                Chosen::Subject { id } => Some(*id),
                Chosen::Typed { .. } => None,
            })
            .collect();
        wanted.sort_unstable();
        wanted.dedup();
        if wanted.is_empty() {
            return Ok(HashMap::new());
        }
        let values = self.parts.neighbours.subjects(ctx, input.case, wanted).await?;
        Ok(values.into_iter().map(|value| (value.subject, value)).collect())
    }

    fn understand(
        &self,
        chosen: &Chosen,
        known: &HashMap<SubjectId, SubjectValue>,
        input: &DisposeSubjects,
    ) -> Result<(Option<Target>, Vec<Finding>), Failure> {
        let mut findings = Vec::new();
        let mut protected = None;
        let identifier = match chosen {
            Chosen::Subject { id } => {
                let Some(value) = known.get(id) else {
                    return Ok((None, vec![Finding::of(FindingKind::UnknownSubject)]));
                };
                if value.victims_own {
                    findings.push(Finding::guarded(FindingKind::VictimOwn));
                    protected = Some("victim".to_owned());
                }
                Identifier::parse(value.kind, &value.value)
            }
            Chosen::Typed { text, kind } => read_typed(text, *kind),
        };
        let identifier = match identifier {
            Ok(identifier) => identifier,
            Err(invalid) => {
                let kind = if invalid.rule == Violation::CheckDigit {
                    FindingKind::InvalidCheckDigit
                } else {
                    FindingKind::Unreadable
                };
                let text = Bilingual::new(
                    format!("{}：{}", invalid.kind.zh(), invalid.rule.zh()),
                    format!("{}: {}", invalid.kind.en(), invalid.rule.en()),
                );
                return Ok((None, vec![Finding { text, ..Finding::of(kind) }]));
            }
        };
        if identifier.warnings().contains(&cordon_identifier::Warning::CheckDigit) {
            findings.push(Finding::of(FindingKind::InvalidCheckDigit));
        }
        let Some(kind) = TargetKind::of(identifier.kind()) else {
            findings.push(Finding::of(FindingKind::NeverTarget));
            return Ok((None, findings));
        };
        let chosen: Vec<_> = input.measures.iter().filter(|choice| choice.kind == kind).collect();
        let mut measures: Vec<Measure> = chosen.iter().flat_map(|choice| choice.measures.iter().copied()).collect();
        measures.sort_unstable();
        measures.dedup();
        let mut functions: Vec<PhoneFunction> =
            chosen.iter().flat_map(|choice| choice.functions.iter().copied()).collect();
        functions.sort_unstable();
        functions.dedup();
        if measures.is_empty() {
            findings.push(Finding::of(FindingKind::NoMeasure));
        }
        let lacks_functions = measures.contains(&Measure::RestrictFunctions) && functions.is_empty();
        if lacks_functions || measures.iter().any(|measure| self.measures.rule(kind, *measure).is_none()) {
            findings.push(Finding::of(FindingKind::MeasureUnfit));
        }
        let (id, subject_index) = self.subject(&identifier)?;
        let subject = Subject { id, kind, identifier_kind: identifier.kind(), masked: identifier.masked() };
        Ok((Some(Target { identifier, subject, subject_index, measures, functions, protected }), findings))
    }

    /// A victim's number stays one when somebody types it instead of choosing it from the case.
    async fn find_victims(
        &self,
        ctx: &CallContext,
        input: &DisposeSubjects,
        rows: &mut [PreviewRow],
        targets: &mut [Option<Target>],
    ) -> Result<(), Failure> {
        let typed = |chosen: &Chosen| matches!(chosen, Chosen::Typed { .. });
        let mut asked: Vec<SubjectId> = input
            .subjects
            .iter()
            .zip(targets.iter())
            .filter(|(chosen, _)| typed(chosen))
            .filter_map(|(_, target)| target.as_ref().map(|target| target.subject.id))
            .collect();
        asked.sort_unstable();
        asked.dedup();
        // Who has no part in cases cannot ask, and the attempt would count as a breach.
        if asked.is_empty() || !self.parts.gate.permits(&ctx.actor, Action::Reveal, Resource::Case) {
            return Ok(());
        }
        let values = self.parts.neighbours.subjects(ctx, None, asked).await?;
        let victims: HashSet<SubjectId> =
            values.into_iter().filter(|value| value.victims_own).map(|value| value.subject).collect();
        for ((row, target), chosen) in rows.iter_mut().zip(targets).zip(&input.subjects) {
            let Some(target) = target else { continue };
            if typed(chosen) && victims.contains(&target.subject.id) {
                row.findings.push(Finding::guarded(FindingKind::VictimOwn));
                target.protected = Some("victim".to_owned());
            }
        }
        Ok(())
    }

    /// Names where the measure table cuts the time that was asked for.
    fn find_cuts(&self, input: &DisposeSubjects, rows: &mut [PreviewRow], targets: &[Option<Target>]) {
        for (row, target) in rows.iter_mut().zip(targets) {
            let Some(target) = target else { continue };
            if let Some(most) = self.cut_to(input.duration_days, target.subject.kind, &target.measures) {
                let text = Bilingual::new(
                    format!("所选期限超过措施表的最长期限，将缩短为 {most} 天"),
                    format!("the measure table allows {most} days at most; the time is cut to that"),
                );
                row.findings.push(Finding { text, ..Finding::of(FindingKind::DurationCut) });
            }
        }
    }

    /// The shortest time to which the measure table cuts the one that was asked for, if it cuts any.
    pub(crate) fn cut_to(&self, wanted: Option<u32>, kind: TargetKind, measures: &[Measure]) -> Option<u32> {
        let wanted = wanted?;
        let longest = |measure: &Measure| self.measures.rule(kind, *measure).and_then(|rule| rule.max_days);
        measures.iter().filter_map(longest).filter(|most| *most < wanted).min()
    }

    async fn find_protected(&self, rows: &mut [PreviewRow], targets: &mut [Option<Target>]) -> Result<(), Failure> {
        let mut indexes = Vec::with_capacity(targets.len());
        for target in targets.iter() {
            indexes.push(match target {
                Some(target) => self.indexes_of(&target.subject_index, &target.identifier)?,
                None => Vec::new(),
            });
        }
        let listed = self.listed(self.parts.database.reader(), &indexes).await?;
        let built_in = ProtectedList::built_in();
        for ((row, target), listed) in rows.iter_mut().zip(targets).zip(listed) {
            let Some(target) = target else { continue };
            if let Some(entry) = built_in.check(&target.identifier) {
                let text = Bilingual::new(
                    format!("受保护：{}；须省级以上另一名审核人同意", entry.zh),
                    format!("protected: {}; another approver at province level must agree", entry.en),
                );
                row.findings.push(Finding { text, ..Finding::guarded(FindingKind::Protected) });
                target.protected = Some(entry.zh.clone());
            }
            if let Some(kind) = listed {
                row.findings.push(Finding::guarded(FindingKind::Protected));
                target.protected = Some(kind.to_owned());
            }
        }
        Ok(())
    }

    async fn find_in_force(
        &self,
        ctx: &CallContext,
        rows: &mut [PreviewRow],
        targets: &[Option<Target>],
    ) -> Result<(), Failure> {
        let indexes: Vec<Vec<u8>> = targets.iter().flatten().map(|target| target.subject_index.clone()).collect();
        // Whether a measure is in force decides what an order does, so it is told to whoever may draft one; whose it is, is not.
        let holds = task_holds::active_holds(self.parts.database.reader(), &indexes).await?;
        let mut held: HashMap<&[u8], Vec<&StoredTask>> = HashMap::new();
        for hold in &holds {
            held.entry(hold.subject_index.as_slice()).or_default().push(hold);
        }
        let mut found = HashSet::new();
        for (row, target) in rows.iter_mut().zip(targets) {
            let Some(target) = target else { continue };
            let standing = held.get(target.subject_index.as_slice()).map(Vec::as_slice).unwrap_or_default();
            let joined = |measure: &Measure| standing.iter().any(|hold| joins(hold, *measure, &target.functions));
            if target.measures.iter().any(joined) {
                row.findings.push(Finding::of(FindingKind::AlreadyInForce));
                found.insert(target.subject.id);
            }
        }
        // It is told of the whole country, so that it stays who asked for whom.
        let asked = targets.iter().flatten().map(|target| target.subject.id).collect();
        self.note_probe(ctx, "order.probe", asked, found).await
    }

    async fn find_routes(
        &self,
        ctx: &CallContext,
        rows: &mut [PreviewRow],
        targets: &[Option<Target>],
    ) -> Result<(), Failure> {
        let mut questions = Vec::new();
        let mut asked_by = Vec::new();
        for (place, target) in targets.iter().enumerate() {
            let Some(target) = target else { continue };
            for measure in &target.measures {
                questions.push(Question {
                    subject: target.identifier.clone(),
                    region_hint: Some(ctx.actor.region),
                    measure: Some(*measure),
                });
                asked_by.push(place);
            }
        }
        let routes = self.parts.router.route_many(&questions).await?;
        for (place, route) in asked_by.into_iter().zip(routes) {
            let Some(row) = rows.get_mut(place) else { continue };
            match route.executor() {
                Some(executor) => {
                    if !row.executors.contains(&executor) {
                        row.executors.push(executor);
                    }
                    if route.carrier_original.is_some()
                        && route.carrier_original != route.carrier_current
                        && matches!(route.resolver.as_str(), "portability" | "executor")
                    {
                        row.add(Finding { organisation: Some(executor), ..Finding::of(FindingKind::Ported) });
                    }
                }
                None => row.add(Finding::of(FindingKind::Unroutable)),
            }
        }
        Ok(())
    }
}

/// Reads a typed text as what the person says it is, or as the likeliest kind that can be disposed of.
pub(crate) fn read_typed(text: &str, kind: Option<Kind>) -> Result<Identifier, InvalidIdentifier> {
    if let Some(kind) = kind {
        return Identifier::parse(kind, text);
    }
    let guesses = Identifier::guess(text);
    let disposable = guesses.iter().find(|guess| TargetKind::of(guess.kind()).is_some()).cloned();
    match disposable.or_else(|| guesses.into_iter().next()) {
        Some(identifier) => Ok(identifier),
        None => Identifier::parse(Kind::Phone, text),
    }
}

trait Added {
    fn add(&mut self, finding: Finding);
}

impl Added for PreviewRow {
    fn add(&mut self, finding: Finding) {
        if !self.findings.iter().any(|known| known.kind == finding.kind) {
            self.findings.push(finding);
        }
    }
}

trait Worded {
    fn of(kind: FindingKind) -> Finding;
    fn guarded(kind: FindingKind) -> Finding;
}

impl Worded for Finding {
    fn of(kind: FindingKind) -> Finding {
        let (zh, en) = match kind {
            FindingKind::Unreadable => ("无法识别为可处置的对象", "it cannot be read as a target"),
            FindingKind::InvalidCheckDigit => ("校验位不符", "the check digit does not fit"),
            FindingKind::NoMeasure => ("未为该类对象选择措施", "no measure was chosen for this kind of target"),
            FindingKind::MeasureUnfit => ("措施不适用于该类对象", "the measure does not fit this kind of target"),
            FindingKind::UnknownSubject => ("未找到该对象", "the subject was not found"),
            FindingKind::Duplicate => ("重复的对象", "the target is named twice"),
            FindingKind::Protected => {
                ("受保护对象，须省级以上另一名审核人同意", "protected: another approver at province level must agree")
            }
            FindingKind::NeverTarget => {
                ("该类标识不能在本平台处置", "identifiers of this kind cannot be disposed of here")
            }
            FindingKind::VictimOwn => (
                "受害人本人号码，须省级以上另一名审核人同意",
                "the victim's own number: another approver at province level must agree",
            ),
            FindingKind::AlreadyInForce => (
                "同一措施已生效，本指令将叠加（轮候）",
                "the same measure is in force; this order joins it as a co-holder",
            ),
            FindingKind::DurationCut => {
                ("期限超过措施表的最长期限，将缩短", "the measure table cuts the time that was asked for")
            }
            FindingKind::Ported => {
                ("已携号转网，由现网企业执行", "the number was ported; its present network executes")
            }
            FindingKind::Unroutable => {
                ("无法确定执行单位，将转异常台", "no executor was found; it goes to the exception desk")
            }
        };
        Finding { kind, text: Bilingual::new(zh, en), co_approver_level: None, organisation: None }
    }

    fn guarded(kind: FindingKind) -> Finding {
        Finding { co_approver_level: Some(OrganisationLevel::Province), ..Self::of(kind) }
    }
}
