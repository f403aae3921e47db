//! `parse_url`: URLs as browsers read them, where everyone reads them alike.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

use crate::function::{Arg, Cost, Function, Host, Param, Sig};
use crate::functions::net::within;
use crate::functions::support::{Outcome, make_text, record, spend_text, text};
use crate::shape::Shape;
use crate::value::Value;

/// The fields of `Url`.
pub static URL: Shape = Shape::Static(&["scheme", "host", "port", "path", "query", "is_private_host"]);

/// `parse_url`.
pub const FUNCTIONS: &[Function] = &[Function {
    key: "string.parse_url",
    name: "parse_url",
    params: &[Param::new("self", Sig::Str)],
    result: Sig::Optional(&Sig::Named("Url")),
    errs: false,
    cost: Cost::Counted,
    doc: "The parts of an absolute URL, read as browsers read it. Nothing for other text, and for what programs read in different ways: control \
          characters, a backslash before the query, `http:` without exactly two slashes, more than one `@` before the path, no `//` where the scheme \
          is not `file`, `unix`, `mailto`, `data`, `tel` or `urn`, as in `localhost:80` and `jar:http:`.",
    example: r#""https://example.com:8443/a?b=c".parse_url()?.host ?? "" == "example.com" and "http://0x7f.1/".parse_url()?.is_private_host ?? false"#,
    run: parse_url,
}];

fn parse_url<'a>(host: &mut dyn Host<'a>, args: &[Arg<'a>]) -> Outcome<'a> {
    let text = text(args, 0).trim();
    // Parsed once, and copied once at most.
    spend_text(host, text.len().saturating_mul(2))?;
    if is_ambiguous(text) {
        return Ok(Value::None);
    }
    let Some(url) = url::Url::parse(text).ok().filter(is_whole) else { return Ok(Value::None) };
    let name = host_of(&url);
    let is_private = is_of_machine(url.scheme()) || name.as_ref().map_or(!url.cannot_be_a_base(), is_private_host);
    let name = name.map_or(String::new(), |name| name.to_string());
    let values = [
        make_text(host, url.scheme())?,
        make_text(host, &name)?,
        url.port_or_known_default().map_or(Value::None, |port| Value::Int(port.into())),
        make_text(host, url.path())?,
        make_text(host, url.query().unwrap_or_default())?,
        Value::Bool(is_private),
    ];
    record(host, &URL, values)
}

/// Whether programs read the text in different ways, so that the host that is checked might not be the one that is called.
fn is_ambiguous(text: &str) -> bool {
    let before_query = text.split(['?', '#']).next().unwrap_or_default();
    if text.chars().any(char::is_control) || before_query.contains('\\') {
        return true;
    }
    let Some((scheme, rest)) = before_query.split_once(':') else { return true };
    let is_special = ["http", "https", "ws", "wss", "ftp"].iter().any(|name| scheme.eq_ignore_ascii_case(name));
    let authority = rest.strip_prefix("//");
    if is_special && authority.is_none_or(|authority| authority.starts_with('/')) {
        return true;
    }
    let authority = authority.and_then(|authority| authority.split('/').next()).unwrap_or_default();
    authority.matches('@').count() > 1
}

/// Whether what stands after the scheme is all there is to read: what has no `//` may be a host and its port to programs, as in `localhost:80`, or hold another
/// URL, as in `jar:http:`.
fn is_whole(url: &url::Url) -> bool {
    match url.cannot_be_a_base() {
        true => ["mailto", "data", "tel", "urn"].contains(&url.scheme()),
        false => url.has_authority() || url.scheme() == "file" || is_of_machine(url.scheme()),
    }
}

/// Whether a scheme names files or sockets of the machine itself, such as `http+unix`; a `file:` may be on another.
fn is_of_machine(scheme: &str) -> bool {
    scheme.split(['+', '-', '.']).any(|part| ["unix", "npipe", "vsock"].contains(&part))
}

/// The host, with addresses recognised under every scheme, and behind dots that resolvers take off.
fn host_of(url: &url::Url) -> Option<url::Host<String>> {
    match url.host()? {
        url::Host::Domain(name) => {
            let address = url::Host::parse(name.trim_end_matches('.')).ok().filter(|host| !matches!(host, url::Host::Domain(_)));
            Some(address.unwrap_or_else(|| url::Host::parse(name).unwrap_or_else(|_| url::Host::Domain(name.to_lowercase()))))
        }
        other => Some(other.to_owned()),
    }
}

fn is_private_host(host: &url::Host<String>) -> bool {
    match host {
        url::Host::Ipv4(ip) => is_local(IpAddr::V4(*ip)),
        url::Host::Ipv6(ip) => is_local(IpAddr::V6(*ip)) || embedded(*ip).into_iter().flatten().any(|ip| is_local(IpAddr::V4(ip))),
        url::Host::Domain(name) => is_local_name(name),
    }
}

/// Networks that no public host is in: loopback, private, link-local with the metadata services, shared, unspecified, multicast, reserved.
const LOCAL: &[&str] = &[
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "224.0.0.0/4",
    "240.0.0.0/4",
    // The metadata service of Azure's platform.
    "168.63.129.16/32",
    "::/127",
    "fc00::/7",
    "fe80::/10",
    "fec0::/10",
    "ff00::/8",
];

fn is_local(ip: IpAddr) -> bool {
    within(IpNet::from(ip), LOCAL)
}

/// The IPv4 addresses that an IPv6 address may lead to: mapped, compatible, translated (NAT64, its local-use network too), 6to4 and Teredo.
fn embedded(ip: Ipv6Addr) -> [Option<Ipv4Addr>; 2] {
    let [a, b, c, _, _, _, g, h] = ip.segments();
    let v4 = |high: u16, low: u16| Some(Ipv4Addr::from(u32::from(high) << 16 | u32::from(low)));
    match (a, b, c) {
        (0, _, _) | (0x64, 0xff9b, _) => [v4(g, h), None],
        (0x2002, ..) => [v4(b, c), None],
        (0x2001, 0, _) => [v4(!g, !h), None],
        _ => [None, None],
    }
}

/// Names that stand for the machine itself or its surroundings.
const LOCAL_SUFFIXES: &[&str] = &[
    "localhost",
    "localdomain",
    "local",
    "internal",
    "intranet",
    "lan",
    "home",
    "corp",
    "private",
    "home.arpa",
    // Services of a Kubernetes cluster.
    "svc",
    "default",
    "in-addr.arpa",
    "ip6.arpa",
    // Public names that answer with whatever address is written in them, or with loopback.
    "nip.io",
    "sslip.io",
    "xip.io",
    "localtest.me",
    "lvh.me",
    "vcap.me",
    "lacolhost.com",
];

fn is_local_name(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_lowercase();
    // A name without a dot is looked up in the surroundings.
    !name.contains('.') || LOCAL_SUFFIXES.iter().any(|suffix| name.strip_suffix(suffix).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')))
}

#[cfg(test)]
mod tests {
    use crate::Value::Str;
    use crate::functions::support::test::called;

    fn parsed(text: &str) -> String {
        called("string.parse_url", &[Str(text)])
    }

    #[test]
    fn parts() {
        for (text, expected) in [
            (
                "HTTPS://User:p@Example.COM/a/../b?x=1#y",
                r#"{"scheme":"https","host":"example.com","port":443,"path":"/b","query":"x=1","is_private_host":false}"#,
            ),
            ("mailto:a@b.com", r#"{"scheme":"mailto","host":"","path":"a@b.com","query":"","is_private_host":false}"#),
            ("file:///etc/passwd", r#"{"scheme":"file","host":"","path":"/etc/passwd","query":"","is_private_host":true}"#),
            ("redis://2130706433:6379", r#"{"scheme":"redis","host":"127.0.0.1","port":6379,"path":"","query":"","is_private_host":true}"#),
            ("https://münchen.de", r#"{"scheme":"https","host":"xn--mnchen-3ya.de","port":443,"path":"/","query":"","is_private_host":false}"#),
        ] {
            assert_eq!(parsed(text), expected, "{text}");
        }
    }

    #[test]
    fn gives_nothing_for_what_is_read_in_different_ways() {
        for text in [
            "",
            "example.com/a",
            "//example.com",
            "http:example.com",
            "http:/example.com",
            "http:///example.com",
            r"http:\\example.com",
            r"https://good.com\@evil.com",
            "https://a@good.com@evil.com",
            "ht\ntp://a.com",
            "http://a.com/\u{0}",
            "http://a b.com",
            "http://",
            "http://1.2.3.4.5.999",
            "http://[::1",
            "localhost:8080/admin",
            "example.com:80",
            "ssh:127.0.0.1",
            "ssh:/127.0.0.1",
            "jar:http://127.0.0.1/a!/b",
            "url:http://127.0.0.1/",
            "view-source:http://127.0.0.1/",
            "feed:http://127.0.0.1/",
            "blob:http://127.0.0.1/",
            "javascript:alert(1)",
        ] {
            assert_eq!(parsed(text), "none", "{text}");
        }
    }

    #[test]
    fn what_has_no_host_is_of_the_machine() {
        for text in [
            "unix:///var/run/a.sock",
            "unix:/var/run/a.sock",
            "http+unix://%2Fvar%2Frun%2Fa.sock/b",
            "file:/etc/passwd",
            "postgres:///db",
            "npipe:////./pipe/a",
        ] {
            assert!(parsed(text).contains(r#""is_private_host":true"#), "{text}: {}", parsed(text));
        }
        for text in ["data:text/plain,a", "tel:+1-2", "urn:isbn:1"] {
            assert!(parsed(text).contains(r#""host":"""#) && parsed(text).contains(r#""is_private_host":false"#), "{text}: {}", parsed(text));
        }
    }

    #[test]
    fn private_hosts_in_any_spelling() {
        for host in [
            "127.0.0.1",
            "127.1",
            "2130706433",
            "0x7f000001",
            "0x7f.0.0.1",
            "0177.0.0.1",
            "017700000001",
            "0",
            "0.0.0.0",
            "10.1.2.3",
            "172.31.0.1",
            "192.168.0.1",
            "169.254.169.254",
            "0xa9fea9fe",
            "100.100.100.200",
            "168.63.129.16",
            "224.0.0.1",
            "255.255.255.255",
            "[::1]",
            "[::]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "[::127.0.0.1]",
            "[64:ff9b::10.0.0.1]",
            "[64:ff9b:1::10.0.0.1]",
            "[2002:7f00:1::]",
            "[fd00:ec2::254]",
            "[fe80::1]",
            "localhost",
            "LOCALHOST.",
            "a.localhost",
            "metadata.google.internal",
            "metadata",
            "printer.local",
            "127.0.0.1.nip.io",
            "①②⑦.0.0.1",
            "127。0。0。1",
            "%31%32%37.0.0.1",
            "127.0.0.1.",
            "127.0.0.1..",
            "0x7f.1...",
            "localhost..",
            "kubernetes.default",
            "kubernetes.default.svc",
            "db.prod.svc.",
            "db.prod.svc.cluster.local",
        ] {
            assert!(parsed(&format!("http://{host}/")).contains(r#""is_private_host":true"#), "{host}: {}", parsed(&format!("http://{host}/")));
        }
        for host in [
            "example.com",
            "8.8.8.8",
            "[2606:4700::1111]",
            "172.32.0.1",
            "localhost.example.com",
            "mylocalhost.com",
            "100.128.0.1",
            "[64:ff9b::8.8.8.8]",
        ] {
            assert!(parsed(&format!("http://{host}/")).contains(r#""is_private_host":false"#), "{host}");
        }
    }
}
