"""The registers, and the words of their entries."""

import enum


class Register(enum.StrEnum):
    """Which register: the numbers R01 to R15 name their layouts in `seeds/registers`."""

    FISCAL_STAFF = "fiscal_staff"
    CADRES = "cadres"
    VEHICLES = "vehicles"
    REAL_ESTATE = "real_estate"
    BUSINESSES = "businesses"
    PROVIDENT_FUND = "provident_fund"
    SOCIAL_INSURANCE = "social_insurance"
    PENSIONS = "pensions"
    BALANCES = "balances"
    DEATHS = "deaths"
    HOUSEHOLD_REGISTER = "household_register"
    MARRIAGES = "marriages"
    DISABILITY_CERTIFICATES = "disability_certificates"
    DISASTER_VICTIMS = "disaster_victims"
    MONITORED_HOUSEHOLDS = "monitored_households"


class Content(enum.StrEnum):
    """What the rows of a register's file say together."""

    WHOLE = "whole"  # the whole register on a day: what is missing is in it no more
    CHANGES = "changes"  # only what was entered, changed or deleted


class RegisterBatchStatus(enum.StrEnum):
    """What became of a file. Only what is loaded counts."""

    LOADED = "loaded"
    FAILED = "failed"
    REPEATED = "repeated"
    UNDONE = "undone"


class State(enum.StrEnum):
    """Whether what an entry speaks of holds still, in the register's own words."""

    VALID = "valid"  # in office, insured, in payment, registered, open, married
    SUSPENDED = "suspended"  # paused, seized, payment stopped, certificate frozen
    ENDED = "ended"  # left, cancelled, deregistered, sold, divorced, run out


class VehicleKind(enum.StrEnum):
    """Kinds of vehicles as the checks tell them apart."""

    PASSENGER_CAR = "passenger_car"
    LORRY = "lorry"
    MOTORCYCLE = "motorcycle"
    DISABILITY_SCOOTER = "disability_scooter"  # 残疾人专用车
    FARM_MACHINE = "farm_machine"  # tractors and other tools of production
    OTHER = "other"


class HouseUse(enum.StrEnum):
    """What a building is for."""

    DWELLING = "dwelling"
    SHOP = "shop"
    OTHER = "other"


class BusinessRole(enum.StrEnum):
    """What someone is in a business."""

    LEGAL_REPRESENTATIVE = "legal_representative"
    SHAREHOLDER = "shareholder"
    SOLE_TRADER = "sole_trader"  # 个体工商户经营者


class InsuranceKind(enum.StrEnum):
    """Kinds of social insurance that an employer pays for."""

    PENSION = "pension"
    MEDICAL = "medical"
    UNEMPLOYMENT = "unemployment"
    INJURY = "injury"


class PensionKind(enum.StrEnum):
    """Kinds of pensions in payment, and what the same office pays beside them."""

    EMPLOYEE = "employee"  # 企业职工基本养老保险
    OFFICE = "office"  # 机关事业单位养老保险
    RESIDENT = "resident"  # 城乡居民基本养老保险
    HEATING = "heating"  # 采暖补贴 of a former employer, paid with the pension
    FUNERAL = "funeral"  # 丧葬补助金, paid once, under the number of who died


class AssetKind(enum.StrEnum):
    """Kinds of accounts that hold assets."""

    DEPOSIT = "deposit"
    SECURITIES = "securities"
    PAYMENT = "payment"  # accounts with payment firms


class DeathSource(enum.StrEnum):
    """Which office knows of a death."""

    POLICE = "police"  # 户籍注销
    HEALTH = "health"  # 死亡医学证明
    FUNERAL = "funeral"  # 火化


class SelfHelp(enum.StrEnum):
    """Whether somebody whom a disaster hit can help themselves (自救能力)."""

    UNABLE = "unable"  # 自救困难
    ABLE = "able"


class MonitoredKind(enum.StrEnum):
    """Why a household is monitored against falling back into poverty (监测对象类别)."""

    UNSTABLE = "unstable"  # 脱贫不稳定户
    MARGINAL = "marginal"  # 边缘易致贫户
    SUDDEN = "sudden"  # 突发严重困难户
