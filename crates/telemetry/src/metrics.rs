use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder};

/// Buckets of every histogram whose name ends in `_seconds`, from a local call to a slow import.
const SECONDS: [f64; 14] = [0.000_1, 0.000_5, 0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0];

/// Why metrics could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum MetricsError {
    /// The exporter refused its settings.
    #[error("the metrics exporter could not be built")]
    Build(#[from] BuildError),
    /// The process has a recorder already.
    #[error("metrics are recorded elsewhere already")]
    Taken,
}

/// What the process has counted, in the text format of Prometheus.
#[derive(Clone)]
pub struct Metrics {
    handle: PrometheusHandle,
}

impl Metrics {
    /// Makes this the recorder of the process.
    pub fn start() -> Result<Self, MetricsError> {
        let recorder = recorder()?;
        let handle = recorder.handle();
        metrics::set_global_recorder(recorder).map_err(|_taken| MetricsError::Taken)?;
        Ok(Self { handle })
    }

    /// Records what `work` counts, and nothing else; for tests.
    pub fn during<T>(work: impl FnOnce() -> T) -> Result<(Self, T), MetricsError> {
        let recorder = recorder()?;
        let handle = recorder.handle();
        let value = metrics::with_local_recorder(&recorder, work);
        Ok((Self { handle }, value))
    }

    /// The text that `/metrics` answers; also folds collected samples, so that memory does not grow between two calls.
    pub fn render(&self) -> String {
        self.handle.run_upkeep();
        self.handle.render()
    }

    /// Folds collected samples; call it now and then where nobody asks for `/metrics`.
    pub fn fold(&self) {
        self.handle.run_upkeep();
    }
}

impl std::fmt::Debug for Metrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Metrics(..)")
    }
}

fn recorder() -> Result<PrometheusRecorder, MetricsError> {
    Ok(PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)?
        .build_recorder())
}

#[cfg(test)]
mod tests {
    use super::Metrics;

    #[test]
    fn counted_things_are_rendered_with_their_labels() {
        let (metrics, ()) = Metrics::during(|| {
            metrics::counter!("cordon_tasks_total", "state" => "confirmed").increment(3);
            metrics::histogram!("cordon_request_seconds").record(0.02);
        })
        .unwrap();
        let text = metrics.render();
        assert!(text.contains("cordon_tasks_total{state=\"confirmed\"} 3"), "{text}");
        assert!(text.contains("cordon_request_seconds_bucket{le=\"0.025\"} 1"), "{text}");
        assert!(text.contains("cordon_request_seconds_bucket{le=\"0.01\"} 0"), "{text}");
    }
}
