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
        let mut rest = Vec::with_capacity(modulus.0.len() + 1);
        // The highest limbs, fewer than the modulus has, are less than it and their own remainder.
        let (low, high) = self.0.split_at((self.0.len() + 1).saturating_sub(modulus.0.len()));
        rest.extend_from_slice(high);
        let mut rest = Self::trimmed(rest);
        for limb in low.iter().rev() {
            for bit in (0..32).rev() {
                rest.double_plus(limb >> bit & 1);
                if rest.compare(modulus) != Ordering::Less {
                    rest.subtract(modulus);
                }
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

    fn double_plus(&mut self, bit: u32) {
        let mut carry = bit;
        for limb in self.0.iter_mut() {
            let next = *limb >> 31;
            *limb = (*limb << 1) | carry;
            carry = next;
        }
        if carry != 0 {
            self.0.push(carry);
        }
    }

    /// Subtracts a number that is not greater.
    fn subtract(&mut self, other: &Self) {
        let mut borrow = false;
        for (limb, take) in self.0.iter_mut().zip(other.0.iter().chain(std::iter::repeat(&0))) {
            let (first, under) = limb.overflowing_sub(*take);
            let (second, again) = first.overflowing_sub(u32::from(borrow));
            *limb = second;
            borrow = under || again;
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
    }

    #[test]
    fn zero_divides_nothing() {
        assert!(natural(7).modulo(&natural(0)).is_none());
        assert!(natural(1).is_one() && natural(3).is_odd());
    }
}
