//! Natural numbers, just enough to check an RSA private key as Go does. Secret: wiped when dropped.
//!
//! Not constant-time, which does no harm here: nothing outside can time it.

use std::cmp::Ordering;

use zeroize::Zeroizing;

/// A natural number: little-endian limbs of 32 bits, no leading zero limb.
#[derive(Debug)]
pub(crate) struct Natural(Zeroizing<Vec<u32>>);

impl Natural {
    /// The number of big-endian octets.
    pub(crate) fn from_be_bytes(bytes: &[u8]) -> Self {
        let limb = |chunk: &[u8]| chunk.iter().fold(0u32, |limb, byte| (limb << 8) | u32::from(*byte));
        Self::trimmed(bytes.rchunks(4).map(limb).collect())
    }

    /// The number minus one; zero stays zero.
    pub(crate) fn minus_one(&self) -> Self {
        let mut limbs = self.0.to_vec();
        for limb in &mut limbs {
            let (difference, borrow) = limb.overflowing_sub(1);
            *limb = difference;
            if !borrow {
                return Self::trimmed(limbs);
            }
        }
        Self::trimmed(Vec::new())
    }

    /// The product.
    pub(crate) fn times(&self, other: &Self) -> Self {
        let mut product = vec![0u32; self.0.len() + other.0.len()];
        for (shift, left) in self.0.iter().enumerate() {
            let mut carry = 0u64;
            let slots = product.iter_mut().skip(shift);
            for (slot, right) in slots.zip(other.0.iter().chain(std::iter::once(&0))) {
                let sum = u64::from(*left) * u64::from(*right) + u64::from(*slot) + carry;
                *slot = (sum & 0xffff_ffff) as u32;
                carry = sum >> 32;
            }
        }
        Self::trimmed(product)
    }

    /// The remainder of division by `modulus`; `None` where that is zero.
    pub(crate) fn modulo(&self, modulus: &Self) -> Option<Self> {
        if modulus.0.is_empty() {
            return None;
        }
        // The quotient of a step is estimated from the limbs above `from`: exactly where these are all, else from below,
        // and too small by no more than a few, since the divisor has at least 33 bits and the quotient at most 32.
        let from = modulus.0.len().saturating_sub(2);
        let divisor = high(&modulus.0, from) + u128::from(from > 0);
        // The highest limbs, fewer than the modulus has, are less than it and their own remainder.
        let (low, highest) = self.0.split_at((self.0.len() + 1).saturating_sub(modulus.0.len()));
        // Never grown, so that no copy of a secret is left behind.
        let mut limbs = Vec::with_capacity(modulus.0.len() + 1);
        limbs.extend_from_slice(highest);
        let mut rest = Self::trimmed(limbs);
        for limb in low.iter().rev() {
            rest.0.insert(0, *limb);
            let quotient = high(&rest.0, from).checked_div(divisor)?;
            rest.subtract_times(modulus, u64::try_from(quotient).ok()?);
            while rest.compare(modulus) != Ordering::Less {
                rest.subtract_times(modulus, 1);
            }
        }
        Some(rest)
    }

    /// Tells whether it is one.
    pub(crate) fn is_one(&self) -> bool {
        self.0.as_slice() == [1]
    }

    /// Tells whether it is odd.
    pub(crate) fn is_odd(&self) -> bool {
        self.0.first().is_some_and(|limb| limb & 1 == 1)
    }

    /// The order of the two numbers.
    pub(crate) fn compare(&self, other: &Self) -> Ordering {
        self.0.len().cmp(&other.0.len()).then_with(|| self.0.iter().rev().cmp(other.0.iter().rev()))
    }

    /// Subtracts a product that is not greater, of a number and a limb.
    fn subtract_times(&mut self, other: &Self, factor: u64) {
        let mut carry = 0u64;
        for (limb, times) in self.0.iter_mut().zip(other.0.iter().chain(std::iter::repeat(&0))) {
            let product = u64::from(*times) * factor + carry;
            let (difference, borrow) = limb.overflowing_sub((product & 0xffff_ffff) as u32);
            *limb = difference;
            carry = (product >> 32) + u64::from(borrow);
        }
        self.trim();
    }

    fn trimmed(limbs: Vec<u32>) -> Self {
        let mut number = Self(Zeroizing::new(limbs));
        number.trim();
        number
    }

    fn trim(&mut self) {
        while self.0.last() == Some(&0) {
            self.0.pop();
        }
    }
}

/// The limbs from the index `from` on, at most three of them, as one number.
fn high(limbs: &[u32], from: usize) -> u128 {
    let limbs = limbs.get(from..).unwrap_or_default();
    limbs.iter().rev().fold(0, |number, limb| (number << 32) | u128::from(*limb))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn natural(value: u128) -> Natural {
        Natural::from_be_bytes(&value.to_be_bytes())
    }

    proptest! {
        #[test]
        fn arithmetic_agrees_with_the_machine(left: u64, right: u64, modulus in 1u64..) {
            let product = natural(left.into()).times(&natural(right.into()));
            prop_assert_eq!(product.compare(&natural(u128::from(left) * u128::from(right))), Ordering::Equal);
            let rest = product.modulo(&natural(modulus.into())).unwrap();
            prop_assert_eq!(rest.compare(&natural(u128::from(left) * u128::from(right) % u128::from(modulus))), Ordering::Equal);
            prop_assert_eq!(natural(left.into()).minus_one().compare(&natural(left.saturating_sub(1).into())), Ordering::Equal);
        }

        #[test]
        fn what_is_left_of_a_multiple_is_what_was_added(factor in octets(), one in octets(), other in octets()) {
            let [factor, one, other] = [factor, one, other].map(|octets| Natural::from_be_bytes(&octets));
            let (rest, modulus) = if one.compare(&other) == Ordering::Less { (one, other) } else { (other, one) };
            prop_assume!(rest.compare(&modulus) == Ordering::Less);
            prop_assert_eq!(plus(&factor.times(&modulus), &rest).modulo(&modulus).unwrap().compare(&rest), Ordering::Equal);
        }
    }

    /// Octets of which many are at the ends of their range, where estimates go wrong.
    fn octets() -> impl Strategy<Value = Vec<u8>> {
        let octet = prop_oneof![Just(0), Just(0xff), Just(0x80), any::<u8>()];
        prop_oneof![
            proptest::collection::vec(octet, 0..40),
            proptest::collection::vec(prop_oneof![Just(0), Just(0xff)], 0..40)
        ]
    }

    fn plus(one: &Natural, other: &Natural) -> Natural {
        let length = one.0.len().max(other.0.len()) + 1;
        let padded = |number: &Natural| {
            let mut limbs = number.0.to_vec();
            limbs.resize(length, 0);
            limbs
        };
        let mut carry = 0u64;
        let sum = padded(one).into_iter().zip(padded(other)).map(|(left, right)| {
            carry = u64::from(left) + u64::from(right) + (carry >> 32);
            (carry & 0xffff_ffff) as u32
        });
        Natural::trimmed(sum.collect())
    }

    #[test]
    fn zero_divides_nothing() {
        assert!(natural(7).modulo(&natural(0)).is_none());
        assert!(natural(1).is_one() && natural(3).is_odd());
    }
}
