//! Names of provinces by their GB/T 2260 codes.

use cordon_context::{Bilingual, Region};

/// Provinces, autonomous regions, municipalities and special administrative regions: code, Chinese and English name.
const PROVINCES: &[(u32, &str, &str)] = &[
    (110_000, "北京市", "Beijing"),
    (120_000, "天津市", "Tianjin"),
    (130_000, "河北省", "Hebei"),
    (140_000, "山西省", "Shanxi"),
    (150_000, "内蒙古自治区", "Inner Mongolia"),
    (210_000, "辽宁省", "Liaoning"),
    (220_000, "吉林省", "Jilin"),
    (230_000, "黑龙江省", "Heilongjiang"),
    (310_000, "上海市", "Shanghai"),
    (320_000, "江苏省", "Jiangsu"),
    (330_000, "浙江省", "Zhejiang"),
    (340_000, "安徽省", "Anhui"),
    (350_000, "福建省", "Fujian"),
    (360_000, "江西省", "Jiangxi"),
    (370_000, "山东省", "Shandong"),
    (410_000, "河南省", "Henan"),
    (420_000, "湖北省", "Hubei"),
    (430_000, "湖南省", "Hunan"),
    (440_000, "广东省", "Guangdong"),
    (450_000, "广西壮族自治区", "Guangxi"),
    (460_000, "海南省", "Hainan"),
    (500_000, "重庆市", "Chongqing"),
    (510_000, "四川省", "Sichuan"),
    (520_000, "贵州省", "Guizhou"),
    (530_000, "云南省", "Yunnan"),
    (540_000, "西藏自治区", "Tibet"),
    (610_000, "陕西省", "Shaanxi"),
    (620_000, "甘肃省", "Gansu"),
    (630_000, "青海省", "Qinghai"),
    (640_000, "宁夏回族自治区", "Ningxia"),
    (650_000, "新疆维吾尔自治区", "Xinjiang"),
    (710_000, "台湾省", "Taiwan"),
    (810_000, "香港特别行政区", "Hong Kong"),
    (820_000, "澳门特别行政区", "Macao"),
];

/// The provinces in the order of their codes.
pub fn provinces() -> impl Iterator<Item = (Region, Bilingual)> {
    PROVINCES.iter().filter_map(|(code, zh, en)| Some((Region::from_number(*code).ok()?, Bilingual::new(*zh, *en))))
}

/// The name of the country or of a province; lower regions are named by their organisations.
pub fn region_name(region: Region) -> Option<Bilingual> {
    if region == Region::COUNTRY {
        return Some(Bilingual::new("全国", "China"));
    }
    provinces().find(|(known, _)| *known == region).map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thirty_four_provinces_have_ascending_codes_of_their_own() {
        let codes: Vec<u32> = provinces().map(|(region, _)| region.number()).collect();
        assert_eq!(codes.len(), 34);
        assert!(codes.is_sorted_by(|one, other| one < other));
        assert!(provinces().all(|(region, _)| region.province() == region));
        assert_eq!(region_name(Region::from_number(440_000).unwrap()).unwrap().zh, "广东省");
        assert_eq!(region_name(Region::from_number(440_300).unwrap()), None);
    }
}
