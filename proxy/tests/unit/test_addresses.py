import pytest

from ct_proxy.domain.addresses import AddressRefusedError, pin

INSIDE = [
    "0.0.0.0",  # noqa: S104 - an address to refuse, not one to listen on
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.127.255.255",
    "127.0.0.1",
    "127.1.2.3",
    "169.254.169.254",
    "169.254.170.2",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.7",
    "203.0.113.9",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "64:ff9b::808:808",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:808:808::",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "not-an-address",
    "",
    "127.1",
    "0x7f000001",
    "2130706433",
    "0177.0.0.1",
]


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_that_leads_inside_is_refused(address: str) -> None:
    with pytest.raises(AddressRefusedError):
        pin([address])


@pytest.mark.parametrize("address", INSIDE)
@pytest.mark.parametrize("last", [True, False])
def test_one_bad_answer_refuses_the_name(address: str, *, last: bool) -> None:
    answers = ["8.8.8.8", address] if last else [address, "8.8.8.8"]
    with pytest.raises(AddressRefusedError):
        pin(answers)


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111"])
def test_global_addresses_are_pinned_the_first_one_first(address: str) -> None:
    assert pin([address, "9.9.9.9"]) == address


def test_a_name_without_answers_leads_nowhere() -> None:
    with pytest.raises(AddressRefusedError):
        pin([])
