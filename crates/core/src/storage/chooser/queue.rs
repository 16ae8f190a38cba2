/// A queue with several servers and random arrivals: M/M/c, its wait by Sakasegawa's approximation (1977), within a few percent of the exact one.
///
/// Simplified: arrivals are Poisson, every operation takes the base latency on average, and what is over the capacity is turned away or waits without end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Queue {
    /// Operations a second at full load.
    pub capacity: f64,
    /// Seconds of one operation without a queue.
    pub base: f64,
}

impl Queue {
    /// Operations in flight at full load: what Little's law makes of capacity and base latency, at least one.
    pub fn servers(&self) -> f64 {
        (self.capacity * self.base).max(1.0)
    }

    /// Seconds of an operation at a utilisation of 0 to 1, waiting included; `None` from 1 on.
    pub fn latency(&self, utilisation: f64) -> Option<f64> {
        if !(0.0..1.0).contains(&utilisation) {
            return None;
        }
        let servers = self.servers();
        let power = libm::sqrt(2.0 * (servers + 1.0)) - 1.0;
        let wait = libm::pow(utilisation, power) / (servers * (1.0 - utilisation));
        Some(self.base * (1.0 + wait))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One server: M/M/1, whose time in the system is S / (1 − ρ).
    #[test]
    fn one_server_is_exact() {
        let queue = Queue { capacity: 100.0, base: 0.01 };
        for utilisation in [0.0, 0.1, 0.5, 0.9, 0.99] {
            let exact = 0.01 / (1.0 - utilisation);
            let found = queue.latency(utilisation).unwrap();
            assert!((found - exact).abs() < exact * 1e-9, "{found} {exact}");
        }
        assert_eq!(queue.latency(1.0), None);
        assert_eq!(queue.latency(f64::NAN), None);
    }

    /// Erlang C for ten servers at 0.8: the chance to wait is 0.409, so W = S (1 + 0.409 / (10 × 0.2)).
    #[test]
    fn ten_servers_are_near() {
        let queue = Queue { capacity: 1_000.0, base: 0.01 };
        let found = queue.latency(0.8).unwrap();
        assert!((found / 0.01 - 1.204_6).abs() < 0.02, "{found}");
    }

    #[test]
    fn more_load_is_never_faster() {
        let queue = Queue {
            capacity: 55_000.0,
            base: 0.001,
        };
        let latencies: alloc::vec::Vec<f64> = (0..100).filter_map(|percent| queue.latency(f64::from(percent) / 100.0)).collect();
        assert_eq!(latencies.len(), 100);
        assert!(latencies.windows(2).all(|pair| pair[0] <= pair[1]));
    }
}
