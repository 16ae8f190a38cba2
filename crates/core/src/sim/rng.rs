use alloc::format;
use alloc::string::String;

/// A seeded source of numbers: xoshiro256** 1.0 by Blackman and Vigna, its 256 bits of state filled by four outputs of splitmix64.
///
/// Both algorithms are part of the account's file format: a seed means the same numbers for good. `Rng::new(0)` starts with `0x99ec5f36cb75f2b4`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rng {
    state: [u64; 4],
}

/// One step of splitmix64 (Steele, Lea, Flood; constants of Vigna's `splitmix64.c`): advances `state` and answers a mixed 64-bit number.
pub const fn splitmix64(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl Rng {
    pub const fn new(seed: u64) -> Self {
        let mut mix = seed;
        Rng {
            state: [splitmix64(&mut mix), splitmix64(&mut mix), splitmix64(&mut mix), splitmix64(&mut mix)],
        }
    }

    /// The generator of one purpose under one seed: streams of different numbers do not repeat each other.
    pub const fn stream(seed: u64, stream: u64) -> Self {
        let mut mix = stream;
        Rng::new(seed ^ splitmix64(&mut mix))
    }

    pub const fn next_u64(&mut self) -> u64 {
        let [a, b, c, d] = self.state;
        let result = b.wrapping_mul(5).rotate_left(7).wrapping_mul(9);
        let shifted = b << 17;
        let c = c ^ a;
        let d = d ^ b;
        self.state = [a ^ d, b ^ c, c ^ shifted, d.rotate_left(45)];
        result
    }

    /// A number in `0..n`, every one as likely as any other (Lemire's multiply and reject). `n` of 0 answers 0.
    pub const fn below(&mut self, n: u64) -> u64 {
        if n == 0 {
            return 0;
        }
        let mut product = self.next_u64() as u128 * n as u128;
        // 2^64 mod n: so many low halves belong to numbers that would come up once too often.
        let threshold = n.wrapping_neg() % n;
        while (product as u64) < threshold {
            product = self.next_u64() as u128 * n as u128;
        }
        (product >> 64) as u64
    }

    /// A number in `[0, 1)`: the upper 53 bits over 2^53.
    pub const fn unit(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// A UUID of version 4 (RFC 9562), from the next two numbers.
    pub fn uuid(&mut self) -> String {
        let high = self.next_u64() & !0xf000 | 0x4000;
        let low = self.next_u64() & !(0b11 << 62) | (0b10 << 62);
        format!(
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            high >> 32,
            high >> 16 & 0xffff,
            high & 0xffff,
            low >> 48,
            low & 0xffff_ffff_ffff
        )
    }
}

#[cfg(test)]
mod tests {
    use proptest::{prop_assert, proptest};

    use super::*;

    /// The first outputs of Vigna's reference `splitmix64.c` for the seed 1234567.
    #[test]
    fn splitmix_is_the_reference() {
        let mut state = 1_234_567;
        let numbers = [splitmix64(&mut state), splitmix64(&mut state), splitmix64(&mut state)];
        assert_eq!(numbers, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    /// The first outputs of the reference `xoshiro256starstar.c` from the state 1, 2, 3, 4.
    #[test]
    fn xoshiro_is_the_reference() {
        let mut rng = Rng { state: [1, 2, 3, 4] };
        let numbers = [rng.next_u64(), rng.next_u64(), rng.next_u64(), rng.next_u64()];
        assert_eq!(numbers, [11_520, 0, 1_509_978_240, 1_215_971_899_390_074_240]);
    }

    #[test]
    fn a_seed_keeps_its_numbers() {
        assert_eq!(Rng::new(0).next_u64(), 0x99ec_5f36_cb75_f2b4);
    }

    #[test]
    fn below_is_even() {
        let mut rng = Rng::new(7);
        let mut counts = [0u32; 6];
        for _ in 0..60_000 {
            counts[rng.below(6) as usize] += 1;
        }
        assert!(counts.iter().all(|&count| (9_600..10_400).contains(&count)), "{counts:?}");
    }

    proptest! {
        #[test]
        fn numbers_stay_in_range(seed: u64, n in 1u64..) {
            let mut rng = Rng::new(seed);
            prop_assert!(rng.below(n) < n);
            prop_assert!((0.0..1.0).contains(&rng.unit()));
        }
    }
}
