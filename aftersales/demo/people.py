"""Who and what the demo consists of: accounts, three shops, what they sell. Nobody here is real."""

from dataclasses import dataclass

PASSWORD = "demo-pass-2026"
CUSTOMERS = {
    "ann": ("安小雨", "+8613800138000", "zh-hans", ("上海市", "上海市", "浦东新区", "世纪大道 100 号")),
    "bob": ("Bob Lin", "+8613800138001", "en", ("浙江省", "杭州市", "西湖区", "文三路 88 号")),
}
MEMBERS = {"mia": "fresh", "otto": "style", "elle": "volt"}
CENTRE = {"cai": ("蔡敏", "east")}  # who works in the return centre
STAFF = {  # username: (name, group)
    "sam": ("山姆", "support"),
    "sue": ("苏岩", "senior"),
    "fay": ("费敏", "finance"),
    "rik": ("任可", "risk"),
    "aud": ("敖丹", "auditor"),
}
ADMINISTRATOR = ("root", "管理员")


@dataclass(frozen=True, slots=True)
class Sold:
    """A product. price in fen; returns: how likely a unit comes back, and mostly why."""

    sku: str
    title: str
    category: str
    price: int
    picture: str
    returns: float
    reasons: tuple[str, ...]
    option: str = ""  # which of its sizes or colours it is, where there are others


@dataclass(frozen=True, slots=True)
class Variant:
    """An article that others are exchanged for. left: units in stock."""

    sku: str
    of: str  # the article that is sold, whose title, category and picture it shares
    title: str
    option: str
    price: int
    left: int


VARIANTS = (
    Variant("COAT-L", "COAT-M", "羊毛混纺大衣 燕麦色 L", "L", 68000, 6),
    Variant("COAT-LONG", "COAT-M", "羊毛混纺大衣 燕麦色 加长 M", "加长", 74000, 3),
    Variant("DRESS-M", "DRESS-S", "亚麻连衣裙 白 M", "M", 19900, 8),
    Variant("RUN-43", "RUN-42", "缓震跑鞋 43 码", "43", 32900, 0),
)


@dataclass(frozen=True, slots=True)
class ShopPlan:
    code: str
    name: str
    name_en: str
    address: tuple[str, str, str, str]
    hours: str
    contact: str
    goods: tuple[Sold, ...]


ROT, WEIGHT = "FR.ROT", "FR.SHORT_WEIGHT"
SIZES = ("NR.SIZE_LARGE", "NR.SIZE_SMALL", "NR.STYLE", "QL.MATERIAL")
GADGETS = ("QL.DEFECT", "NR.NO_LONGER_WANT", "LG.DAMAGED")

SHOPS = (
    ShopPlan(
        "fresh", "青禾生鲜", "Qinghe Fresh", ("上海市", "上海市", "闵行区", "虹梅路 3000 号 2 号冷库"),
        "每天 8:00–20:00", "400-000-1001",
        (
            Sold("APPLE-1KG", "红富士苹果 1kg", "fresh", 3990, "apple", 0.30, (ROT, WEIGHT)),
            Sold("GRAPE-1KG", "阳光玫瑰葡萄 1kg", "fresh", 3980, "grape", 0.35, (ROT, "FR.SIZE_WRONG")),
            Sold("BERRY-500", "丹东草莓 500g", "fresh", 4500, "berry", 0.40, (ROT,)),
            Sold("CRAB-8", "鲜活大闸蟹 8 只", "fresh", 19900, "crab", 0.30, ("FR.DEAD",)),
            Sold("NUT-750", "每日坚果 750g", "packaged_food", 4000, "nuts", 0.10, ("NR.ORDERED_WRONG", "FU.MISSING")),
            Sold("MILK-24", "牛奶 250ml × 24", "packaged_food", 7900, "milk", 0.10, ("LG.DAMAGED", "QL.EXPIRED")),
        ),
    ),
    ShopPlan(
        "style", "素缕服饰", "Sulu Apparel", ("浙江省", "杭州市", "余杭区", "良渚大道 18 号 B 仓"),
        "周一至周六 9:00–18:00", "400-000-1002",
        (
            Sold("COAT-M", "羊毛混纺大衣 燕麦色 M", "apparel", 68000, "coat", 0.40, SIZES, "M"),
            Sold("SCARF-G", "羊绒围巾 雾蓝", "apparel", 15900, "scarf", 0.25, SIZES),
            Sold("DRESS-S", "亚麻连衣裙 白 S", "apparel", 19900, "dress", 0.45, SIZES, "S"),
            Sold("TEE-L", "纯棉 T 恤 黑 L", "apparel", 5900, "tee", 0.20, SIZES),
            Sold("RUN-42", "缓震跑鞋 42 码", "shoes_bags", 32900, "shoe", 0.30, ("NR.SIZE_SMALL", "QL.DEFECT"), "42"),
            Sold("BAG-01", "帆布托特包", "shoes_bags", 8900, "bag", 0.15, ("NR.COLOR", "QL.MATERIAL")),
            Sold("CUP-NAME", "定制刻字杯", "custom", 5900, "cup", 0.15, ("QL.NOT_AS_DESCRIBED",)),
        ),
    ),
    ShopPlan(
        "volt", "伏特数码", "Volt Digital", ("广东省", "深圳市", "南山区", "科技园北区 7 栋 1 层"),
        "每天 9:00–21:00", "400-000-1003",
        (
            Sold("BUDS-2", "降噪耳机 Air 2 白色", "electronics", 39900, "buds", 0.20, GADGETS),
            Sold("PHONE-X", "手机 X1 256G 黑", "electronics", 299900, "phone", 0.15, GADGETS),
            Sold("BOOK-14", "笔记本电脑 14 英寸", "electronics", 549900, "laptop", 0.15, GADGETS),
            Sold("POWER-20", "充电宝 20000mAh", "electronics", 12900, "power", 0.15, GADGETS),
            Sold("CARD-M", "影音会员月卡", "digital", 1500, "card", 0.05, ("UN.NOT_SHIPPED",)),
            Sold("LAMP-D", "护眼台灯", "furniture", 22900, "lamp", 0.12, ("LG.DAMAGED", "NR.NO_LONGER_WANT")),
        ),
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PointPlan:
    """Where goods can be brought. spot: degrees. station: it sends them on."""

    shop: str
    name: str
    name_en: str
    address: tuple[str, str, str, str]
    spot: tuple[float, float]
    station: bool = False


SHANGHAI, PUDONG = "上海市", "浦东新区"
POINTS = (
    PointPlan("fresh", "青禾生鲜 世纪大道店", "Qinghe Fresh, Century Avenue",
              (SHANGHAI, SHANGHAI, PUDONG, "世纪大道 1192 号"), (31.2285, 121.5281)),
    PointPlan("fresh", "青禾生鲜 虹梅路店", "Qinghe Fresh, Hongmei Road",
              (SHANGHAI, SHANGHAI, "闵行区", "虹梅路 2989 号"), (31.1709, 121.3905)),
    PointPlan("style", "素缕服饰 陆家嘴店", "Sulu Apparel, Lujiazui",
              (SHANGHAI, SHANGHAI, PUDONG, "张杨路 501 号"), (31.2292, 121.5170)),
    PointPlan("style", "素缕服饰 湖滨店", "Sulu Apparel, Lakeside",
              ("浙江省", "杭州市", "上城区", "延安路 258 号"), (30.2540, 120.1640)),
    PointPlan("style", "素缕代收点 张江", "Sulu station, Zhangjiang",
              (SHANGHAI, SHANGHAI, PUDONG, "祖冲之路 899 号"), (31.2043, 121.6005), station=True),
    PointPlan("volt", "伏特数码 正大店", "Volt Digital, Super Brand Mall",
              (SHANGHAI, SHANGHAI, PUDONG, "陆家嘴西路 168 号"), (31.2370, 121.4990)),
    PointPlan("volt", "伏特数码 海岸城店", "Volt Digital, Coastal City",
              ("广东省", "深圳市", "南山区", "文心五路 33 号"), (22.5170, 113.9360)),
)  # fmt: skip

SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗"
GIVEN = ("雨桐", "子涵", "梓轩", "思远", "佳怡", "浩然", "若溪", "明哲", "诗涵", "宇航", "欣悦", "俊杰", "雅婷")
PLACES = (
    ("北京市", "北京市", "朝阳区", "望京街 9 号"),
    ("江苏省", "南京市", "鼓楼区", "中山北路 26 号"),
    ("四川省", "成都市", "武侯区", "天府大道 500 号"),
    ("湖北省", "武汉市", "洪山区", "珞喻路 152 号"),
    ("陕西省", "西安市", "雁塔区", "科技路 33 号"),
    ("福建省", "厦门市", "思明区", "环岛南路 10 号"),
    ("广东省", "广州市", "天河区", "体育西路 111 号"),
    ("山东省", "青岛市", "市南区", "香港中路 40 号"),
)
