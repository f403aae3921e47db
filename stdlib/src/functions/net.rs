//! Functions of addresses and networks.

use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use crate::function::{Arg, Bound, Cost, Function, Host, Param, Sig, Var};
use crate::functions::support::{Outcome, int, value};
use crate::value::Value;

const IP: Param = Param::new("self", Sig::Ip);
const CIDR: Param = Param::new("self", Sig::Cidr);

/// Functions of addresses and networks.
pub const FUNCTIONS: &[Function] = &[
    Function {
        key: "ip.is_private",
        name: "is_private",
        params: &[IP],
        result: Sig::Bool,
        errs: false,
        cost: Cost::Constant,
        doc: "Whether the address is of a private network: `10.0.0.0/8`, `172.16.0.0/12`, `192.168.0.0/16` or `fc00::/7`. For whatever a public host \
              must not have, see `is_private_host` of `parse_url`.",
        example: r#"ip("192.168.1.7").is_private() and not ip("8.8.8.8").is_private()"#,
        run: |_, args| Ok(Value::Bool(network(args).is_some_and(|net| within(net, PRIVATE)))),
    },
    Function {
        key: "cidr.is_private",
        name: "is_private",
        params: &[CIDR],
        result: Sig::Bool,
        errs: false,
        cost: Cost::Constant,
        doc: "Whether all the network's addresses are private.",
        example: r#"cidr("10.1.0.0/16").is_private() and not cidr("10.0.0.0/7").is_private()"#,
        run: |_, args| Ok(Value::Bool(network(args).is_some_and(|net| within(net, PRIVATE)))),
    },
    Function {
        key: "ip.is_loopback",
        name: "is_loopback",
        params: &[IP],
        result: Sig::Bool,
        errs: false,
        cost: Cost::Constant,
        doc: "Whether the address is the machine itself: `127.0.0.0/8` or `::1`.",
        example: r#"ip("127.0.0.53").is_loopback() and ip("::1").is_loopback()"#,
        run: |_, args| Ok(Value::Bool(network(args).is_some_and(|net| within(net, LOOPBACK)))),
    },
    Function {
        key: "cidr.is_loopback",
        name: "is_loopback",
        params: &[CIDR],
        result: Sig::Bool,
        errs: false,
        cost: Cost::Constant,
        doc: "Whether all the network's addresses are the machine itself.",
        example: r#"cidr("127.0.0.0/24").is_loopback()"#,
        run: |_, args| Ok(Value::Bool(network(args).is_some_and(|net| within(net, LOOPBACK)))),
    },
    Function {
        key: "ip.is_v4",
        name: "is_v4",
        params: &[IP],
        result: Sig::Bool,
        errs: false,
        cost: Cost::Constant,
        doc: "Whether it is an IPv4 address; an IPv4-mapped IPv6 address is one.",
        example: r#"ip("::ffff:10.0.0.1").is_v4()"#,
        run: |_, args| Ok(Value::Bool(matches!(network(args), Some(IpNet::V4(_))))),
    },
    Function {
        key: "cidr.is_v4",
        name: "is_v4",
        params: &[CIDR],
        result: Sig::Bool,
        errs: false,
        cost: Cost::Constant,
        doc: "Whether it is an IPv4 network.",
        example: r#"not cidr("fd00::/8").is_v4()"#,
        run: |_, args| Ok(Value::Bool(matches!(network(args), Some(IpNet::V4(_))))),
    },
    Function {
        key: "cidr.contains",
        name: "contains",
        params: &[CIDR, Param::new("address", Sig::Var(Var::T, Bound::Address))],
        result: Sig::Bool,
        errs: false,
        cost: Cost::Constant,
        doc: "Whether the address, or all of another network, is in the network.",
        example: r#"cidr("10.0.0.0/8").contains(ip("10.9.8.7")) and not cidr("10.0.0.0/8").contains(cidr("0.0.0.0/0"))"#,
        run: contains,
    },
    Function {
        key: "cidr.network",
        name: "network",
        params: &[CIDR],
        result: Sig::Ip,
        errs: false,
        cost: Cost::Constant,
        doc: "The network's first address.",
        example: r#"cidr("10.9.8.7/8").network() == ip("10.0.0.0")"#,
        run: |_, args| Ok(network(args).map_or(Value::None, |net| Value::Ip(net.network()))),
    },
    Function {
        key: "ip.network",
        name: "network",
        params: &[IP, Param::new("prefix", Sig::Int)],
        result: Sig::Optional(&Sig::Cidr),
        errs: false,
        cost: Cost::Constant,
        doc: "The network of the address with that prefix length; nothing where no network has one.",
        example: r#"ip("10.9.8.7").network(8)?.to_string() ?? "" == "10.0.0.0/8""#,
        run: network_of,
    },
];

const PRIVATE: &[&str] = &["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"];
const LOOPBACK: &[&str] = &["127.0.0.0/8", "::1/128"];

/// Whether a network lies within one of a table.
pub fn within(net: IpNet, table: &[&str]) -> bool {
    table.iter().any(|text| text.parse::<IpNet>().is_ok_and(|outer| outer.contains(&net)))
}

/// The receiver as a network.
fn network(args: &[Arg<'_>]) -> Option<IpNet> {
    as_network(value(args, 0))
}

fn as_network(value: Value<'_>) -> Option<IpNet> {
    match value {
        Value::Ip(ip) => Some(ip.into()),
        Value::Cidr(net) => Some(net),
        _ => None,
    }
}

fn contains<'a>(_: &mut dyn Host<'a>, args: &[Arg<'a>]) -> Outcome<'a> {
    let (outer, inner) = (network(args), as_network(value(args, 1)));
    Ok(Value::Bool(outer.zip(inner).is_some_and(|(outer, inner)| outer.contains(&inner))))
}

fn network_of<'a>(_: &mut dyn Host<'a>, args: &[Arg<'a>]) -> Outcome<'a> {
    let prefix = int(args, 1).and_then(|prefix| u8::try_from(prefix).ok());
    let net = match (value(args, 0), prefix) {
        (Value::Ip(IpAddr::V4(ip)), Some(prefix)) => Ipv4Net::new(ip, prefix).ok().map(IpNet::V4),
        (Value::Ip(IpAddr::V6(ip)), Some(prefix)) => Ipv6Net::new(ip, prefix).ok().map(IpNet::V6),
        _ => None,
    };
    Ok(net.map_or(Value::None, |net| Value::Cidr(net.trunc())))
}

#[cfg(test)]
mod tests {
    use crate::Value::{self, Cidr, Int, Ip};
    use crate::functions::support::test::called;
    use crate::scalar::{parse_cidr, parse_ip};

    fn ip(text: &str) -> Value<'static> {
        Ip(parse_ip(text).unwrap())
    }

    fn cidr(text: &str) -> Value<'static> {
        Cidr(parse_cidr(text).unwrap())
    }

    #[test]
    fn kinds_of_addresses() {
        for (text, private, loopback, v4) in [
            ("10.255.255.255", true, false, true),
            ("172.32.0.1", false, false, true),
            ("127.0.0.1", false, true, true),
            ("::ffff:127.0.0.1", false, true, true),
            ("fdff::1", true, false, false),
            ("2001:db8::1", false, false, false),
        ] {
            assert_eq!(called("ip.is_private", &[ip(text)]), private.to_string(), "{text}");
            assert_eq!(called("ip.is_loopback", &[ip(text)]), loopback.to_string(), "{text}");
            assert_eq!(called("ip.is_v4", &[ip(text)]), v4.to_string(), "{text}");
        }
        assert_eq!(called("cidr.is_private", &[cidr("0.0.0.0/0")]), "false");
        assert_eq!(called("cidr.is_loopback", &[cidr("127.1.0.0/16")]), "true");
    }

    #[test]
    fn networks() {
        assert_eq!(called("cidr.contains", &[cidr("::/0"), ip("10.0.0.1")]), "false");
        assert_eq!(called("cidr.contains", &[cidr("10.0.0.0/16"), cidr("10.0.0.0/8")]), "false");
        assert_eq!(called("ip.network", &[ip("10.9.8.7"), Int(33)]), "none");
        assert_eq!(called("ip.network", &[ip("fd00::1"), Int(64)]), "fd00::/64");
        assert_eq!(called("cidr.network", &[cidr("fd00::1/8")]), "fd00::");
    }
}
