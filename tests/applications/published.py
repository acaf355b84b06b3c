"""Facts about the networks, recorded from the originals.

`PUBLISHED`: parameters as the documents list them; and what Keras-Applications 1.0.8 builds, as
digests (`structure.py`). `FEATURES`: what Keras 2.3.1 on TensorFlow 1.15 computes with the weights
that `test_features.py` draws.
"""

from __future__ import annotations

from typing import Any, NamedTuple


class Published(NamedTuple):
    """A network: its parameters with and without the top, the size of its images, its layers.

    `digests`: of the network with its top, without ("bare"), without and with a pooling, and with
    its top and the channels first.
    """

    params: int
    without_top: int
    size: int
    layers: int
    digests: dict[str, str]


PUBLISHED = {
    "Xception": Published(
        22_910_480,
        20_861_480,
        299,
        134,
        {
            "top": "5dc76551064b1aea",
            "bare": "8e7f82d0b451e7f3",
            "first": "d111d02d3c4d48d8",
            "avg": "5aff6d57714d63a1",
        },
    ),
    "VGG16": Published(
        138_357_544,
        14_714_688,
        224,
        23,
        {
            "top": "bb2e3f071bb5917b",
            "bare": "bcf39d4adeb27efc",
            "first": "504e6a81407273d5",
            "avg": "13f7ee4d621f21e0",
            "max": "03230e00cf85f416",
        },
    ),
    "VGG19": Published(
        143_667_240,
        20_024_384,
        224,
        26,
        {"top": "12cff2adc975178b", "avg": "2d542f1ce76ebf4f"},
    ),
    "ResNet50": Published(
        25_636_712,
        23_587_712,
        224,
        177,
        {
            "top": "2c2c7797de5b8094",
            "bare": "6a15e83fdb35911d",
            "first": "b85a9468676240f7",
            "avg": "2b6d4c926edf546b",
        },
    ),
    "ResNet101": Published(
        44_707_176,
        42_658_176,
        224,
        347,
        {"top": "a0f84bbaab93c0f6", "avg": "b01bc34dd584f01c"},
    ),
    "ResNet152": Published(
        60_419_944,
        58_370_944,
        224,
        517,
        {"top": "a9a89bc64f1e46e5", "avg": "819900c200a6db60"},
    ),
    "ResNet50V2": Published(
        25_613_800,
        23_564_800,
        224,
        192,
        {
            "top": "5b0eacd90dd65f03",
            "bare": "54cc97685e3761da",
            "first": "e660218b8f5e21a8",
            "avg": "c9551d2a11ebcc2f",
            "max": "b9b2dd2815840146",
        },
    ),
    "ResNet101V2": Published(
        44_675_560,
        42_626_560,
        224,
        379,
        {"top": "162b3dbbb91d66db", "avg": "55d757805e901da2"},
    ),
    "ResNet152V2": Published(
        60_380_648,
        58_331_648,
        224,
        566,
        {"top": "b4481d6bf1c32f65", "avg": "f231a2eb3fc89ff3"},
    ),
    "InceptionV3": Published(
        23_851_784,
        21_802_784,
        299,
        313,
        {
            "top": "d07aabb644ccd40c",
            "bare": "220c7613bcc2bb11",
            "first": "c670c9254bc3e41c",
            "avg": "f7c01ea0e84f784c",
        },
    ),
    "InceptionResNetV2": Published(
        55_873_736,
        54_336_736,
        299,
        782,
        {"top": "02335b8e1d665f20", "avg": "b592a265cf012be5"},
    ),
    "MobileNet": Published(
        4_253_864,
        3_228_864,
        224,
        93,
        {
            "top": "8ab8fedf81762fa4",
            "bare": "3cf10db6d84f3733",
            "first": "354999a5f010d597",
            "avg": "d5a0e5c5ffd19e3b",
        },
    ),
    "MobileNetV2": Published(
        3_538_984,
        2_257_984,
        224,
        157,
        {
            "top": "0966500577e53281",
            "bare": "2b29a7434d28ee18",
            "first": "5f1db49c9f23ea26",
            "avg": "0958dc3afd501e76",
        },
    ),
    "DenseNet121": Published(
        8_062_504,
        7_037_504,
        224,
        429,
        {
            "top": "13b844f7fc482f36",
            "bare": "76176c190b02dc3c",
            "first": "89ca82fcdacc7a4f",
            "avg": "b13517f6672beffc",
            "max": "6ed5829ddb22095c",
        },
    ),
    "DenseNet169": Published(
        14_307_880,
        12_642_880,
        224,
        597,
        {"top": "8f2b32f55b7d01d2", "avg": "bfda1c9d03ab915b"},
    ),
    "DenseNet201": Published(
        20_242_984,
        18_321_984,
        224,
        709,
        {"top": "8e29b22f782ce29d", "avg": "91cd906693cdba6a"},
    ),
    "NASNetMobile": Published(
        5_326_716,
        4_269_716,
        224,
        771,
        {"top": "ff995f7a6d569cc0", "bare": "d3c00d684c2dc3cd", "avg": "8dab0b0daa50a368"},
    ),
    "NASNetLarge": Published(
        88_949_818,
        84_916_818,
        331,
        1041,
        {"top": "93abc2cca2281081", "avg": "1f66e5bcb1dc94dd"},
    ),
    "resnet.ResNet50": Published(
        25_636_712,
        23_587_712,
        224,
        177,
        {"top": "5a3b4282f484d375", "avg": "51fbc32f594ac1b6"},
    ),
}


class Features(NamedTuple):
    """The network's arguments, the shape of the image, the first features, and all features' mean
    and standard deviation."""

    arguments: dict[str, Any]
    shape: tuple[int, int, int]
    first: list[float]
    mean: float
    std: float


FEATURES = {
    "VGG16": Features(
        {},
        (37, 64, 3),
        [
            1.19501,
            0.615179,
            1.02063,
            0.34462,
            1.67168,
            0.0,
            0.167104,
            0.384896,
            0.97177,
            0.564155,
            1.70586,
            0.711943,
        ],
        0.9013853,
        0.6853323,
    ),
    "ResNet50": Features(
        {},
        (37, 64, 3),
        [
            1839.32,
            504.624,
            3399.97,
            108.168,
            2604.26,
            189.869,
            4303.43,
            3234.52,
            7164.82,
            2910.47,
            916.18,
            394.93,
        ],
        1805.24,
        1684.601,
    ),
    "ResNet50V2": Features(
        {},
        (37, 64, 3),
        [
            344.25,
            193.556,
            441.858,
            309.166,
            892.881,
            509.159,
            0.0,
            274.224,
            204.207,
            523.414,
            12.8923,
            723.167,
        ],
        340.3488,
        418.1257,
    ),
    "MobileNet": Features(
        {"alpha": 0.25},
        (37, 64, 3),
        [
            0.0,
            0.0,
            0.462856,
            0.0,
            0.184954,
            0.0512114,
            0.306184,
            0.0,
            0.61817,
            0.0,
            0.248834,
            0.0892543,
        ],
        0.1138324,
        0.151081,
    ),
    "MobileNetV2": Features(
        {"alpha": 0.35},
        (37, 64, 3),
        [
            2.66068,
            1.36093,
            1.36339,
            0.232872,
            0.546729,
            0.0,
            0.329843,
            0.453077,
            1.51362,
            2.80749,
            0.0,
            1.85257,
        ],
        1.385097,
        1.401532,
    ),
    "Xception": Features(
        {},
        (71, 90, 3),
        [
            0.0,
            745300.0,
            985586.0,
            0.0,
            2123480.0,
            2208090.0,
            578962.0,
            721528.0,
            1203350.0,
            446148.0,
            303787.0,
            760672.0,
        ],
        683084.5,
        708055.5,
    ),
    "InceptionV3": Features(
        {},
        (75, 107, 3),
        [0.0245886, 0.0, 0.0105831, 0.0, 0.257921, 0.0, 0.0, 0.0, 0.332138, 0.259482, 0.0, 0.0],
        0.2451485,
        0.3832203,
    ),
    "DenseNet121": Features(
        {},
        (37, 64, 3),
        [0.0, 0.0, 1.45603, 0.0, 0.386345, 0.0, 0.0, 0.755964, 0.969538, 2.16958, 0.0, 0.0],
        0.7777692,
        1.20117,
    ),
    "NASNetMobile": Features(
        {},
        (37, 64, 3),
        [
            337.482,
            742.961,
            0.0,
            0.0,
            1444.47,
            621.064,
            333.243,
            0.0,
            499.774,
            0.0,
            423.308,
            264.873,
        ],
        478.8611,
        625.4484,
    ),
    "InceptionResNetV2": Features(
        {},
        (75, 107, 3),
        [0.119268, 0.0, 4.92555, 0.0, 0.0, 0.0, 0.0, 1.25735, 0.0, 9.19936, 1.83075, 0.0],
        3.013429,
        4.480936,
    ),
}
