//! The numbers of S3's rules, written by the build script from `data/rules-s3.json`, where each has its day and source.

include!(concat!(env!("OUT_DIR"), "/rules_s3.rs"));

#[cfg(test)]
mod tests {
    use crate::storage::s3::StorageClass;

    #[test]
    fn classes_are_in_the_order_of_the_type() {
        assert_eq!(super::CLASSES, StorageClass::ALL.map(StorageClass::as_str));
        for (place, class) in StorageClass::ALL.into_iter().enumerate() {
            assert_eq!(class as usize, place);
        }
    }
}
