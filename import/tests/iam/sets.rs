//! Sets of policies that are decided together: identity-based, resource-based, boundaries, session and control policies, generated, and decided as the
//! page on evaluation logic has it by what [`super::reference`] says of each document.

use serde_json::{Value, json};
use tollgate_import::{Import, Source, iam};

use super::generate::{Doubt, Random};
use super::{engine, is_allowed, reference};

/// What the resource-based policies are attached to.
const ATTACHED: &str = "arn:aws:s3:::b";

const ACCOUNTS: [&str; 2] = ["111122223333", "444455556666"];

/// Documents by what they are to a request.
struct Sets {
    identity: Vec<Value>,
    resources: Vec<Value>,
    boundaries: Vec<Value>,
    control: Vec<Value>,
    resource_control: Vec<Value>,
    session: Vec<Value>,
}

/// What a statement of a resource-based policy grants, the closest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Grant {
    Itself,
    Role,
    Account,
}

impl Sets {
    fn new(random: &mut Random) -> Sets {
        let some = |random: &mut Random, chance: usize, make: fn(&mut Random) -> Value| -> Vec<Value> {
            if random.below(100) < chance { (0..=random.below(2)).map(|_| make(random)).collect() } else { Vec::new() }
        };
        Sets {
            identity: some(random, 90, |random| random.document(Doubt::None)),
            resources: some(random, 100, resource_policy),
            boundaries: some(random, 30, |random| random.document(Doubt::None)),
            control: some(random, 25, open_document),
            resource_control: some(random, 25, |random| {
                let mut document = open_document(random);
                document["Statement"].as_array_mut().unwrap().iter_mut().for_each(|statement| statement["Principal"] = json!("*"));
                document
            }),
            session: some(random, 30, whole_document),
        }
    }

    fn imported(&self) -> Import {
        let all = [&self.identity, &self.resources, &self.boundaries, &self.control, &self.resource_control, &self.session];
        let texts = all.map(|documents| documents.iter().map(Value::to_string).collect::<Vec<_>>());
        let sources = texts.each_ref().map(|texts| texts.iter().map(|text| Source { name: "set.json", text }).collect::<Vec<_>>());
        let [identity, resources, boundaries, control, resource_control, session] = sources;
        let documents = iam::Documents {
            policies: identity,
            resources: resources.into_iter().map(|source| iam::Attached { source, to: Some(ATTACHED) }).collect(),
            boundaries,
            control: control.into_iter().map(|source| vec![source]).collect(),
            resource_control: resource_control.into_iter().map(|source| vec![source]).collect(),
            session,
            principals: Vec::new(),
        };
        iam::import(&documents, None).unwrap_or_else(|refused| panic!("{refused}"))
    }

    fn shown(&self) -> String {
        let all = [&self.identity, &self.resources, &self.boundaries, &self.control, &self.resource_control, &self.session];
        ["identity", "resources", "boundaries", "scp", "rcp", "session"]
            .iter()
            .zip(all)
            .flat_map(|(name, documents)| documents.iter().map(move |document| format!("{name}: {document:#}\n")))
            .collect()
    }

    /// Whether they allow a request together.
    fn allow(&self, request: &Value) -> bool {
        let effects = |documents: &[Value]| {
            let each = documents.iter().map(|document| reference::effects(document, request));
            each.fold((false, false), |(allows, denies), (allow, deny)| (allows || allow, denies || deny))
        };
        let (identity, boundary, session) = (effects(&self.identity), effects(&self.boundaries), effects(&self.session));
        // Each level has `RCPFullAWSAccess` besides, which allows everything where no other policy of the level says what it allows.
        let of_resources = |level: &Value| match effects(std::slice::from_ref(level)) {
            (_, denies) if !level.to_string().contains(r#""Effect":"Allow""#) => (true, denies),
            found => found,
        };
        let control = self.control.iter().map(|level| effects(std::slice::from_ref(level)));
        let levels: Vec<(bool, bool)> = control.chain(self.resource_control.iter().map(of_resources)).collect();
        let granted = |grants: &[Grant]| self.granted(request, grants);
        let all = [Grant::Itself, Grant::Role, Grant::Account];
        let resource = granted(&all);
        if identity.1 || boundary.1 || session.1 || resource.1 || levels.iter().any(|(_, denies)| *denies) {
            return false;
        }
        if !levels.iter().all(|(allows, _)| *allows) {
            return false;
        }
        let is_bounded = |set: &[Value], allows: bool| !set.is_empty() && !allows;
        let is_within = !is_bounded(&self.boundaries, boundary.0) && !is_bounded(&self.session, session.0);
        if is_in_its_account(request) {
            let itself = granted(&[Grant::Itself]).0;
            let role = granted(&[Grant::Itself, Grant::Role]).0;
            return itself || (is_within && (role || identity.0));
        }
        let has_account = !account(request).is_empty();
        is_within && resource.0 && (identity.0 || !has_account)
    }

    /// What the statements of resource-based policies do that grant in these ways.
    fn granted(&self, request: &Value, grants: &[Grant]) -> (bool, bool) {
        let resource = request["resource"].as_str().unwrap();
        let is_attached = resource == ATTACHED || resource.starts_with(&format!("{ATTACHED}/"));
        let (mut allows, mut denies) = (false, false);
        for document in self.resources.iter().filter(|_| is_attached) {
            let statements = document["Statement"].as_array().unwrap();
            let about = |statement: &&Value| match &statement["NotPrincipal"] {
                Value::Null => grant(&statement["Principal"], request).is_some_and(|grant| grants.contains(&grant)),
                excepted => !self.boundaries.is_empty() || !is_excepted(excepted, request),
            };
            let those: Vec<&Value> = statements.iter().filter(about).collect();
            let (allow, deny) = reference::effects(&json!({"Version": document["Version"], "Statement": those}), request);
            (allows, denies) = (allows || allow, denies || deny);
        }
        (allows, denies)
    }
}

/// The closest way in which `Principal` is about who asks.
fn grant(principal: &Value, request: &Value) -> Option<Grant> {
    if principal == "*" {
        return Some(Grant::Itself);
    }
    let (arns, account) = (arns(request), account(request));
    let of = |(kind, text): (&String, &Value)| match (kind.as_str(), text.as_str().unwrap()) {
        ("AWS", "*") => Some(Grant::Itself),
        ("Service", text) => (request["principal"]["service"] == text).then_some(Grant::Itself),
        ("AWS", text) if text.len() == 12 || text.ends_with(":root") => (!account.is_empty() && text.contains(&account)).then_some(Grant::Account),
        ("AWS", text) if text.contains(":role/") => arns.contains(&text).then_some(Grant::Role),
        (_, text) => arns.contains(&text).then_some(Grant::Itself),
    };
    principal.as_object().unwrap().iter().filter_map(of).min()
}

/// Whether `NotPrincipal` lists all that the one who asks is.
fn is_excepted(listed: &Value, request: &Value) -> bool {
    let listed: Vec<&str> = listed["AWS"].as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect();
    let arns = arns(request);
    !arns.is_empty() && arns.iter().all(|arn| listed.contains(arn) && listed.iter().any(|text| text.len() == 12 && arn.contains(text)))
}

fn arns(request: &Value) -> Vec<&str> {
    ["arn", "session_arn"].iter().filter_map(|key| request["principal"][*key].as_str()).collect()
}

fn account(request: &Value) -> String {
    arns(request).first().and_then(|arn| arn.split(':').nth(4)).unwrap_or_default().to_owned()
}

fn is_in_its_account(request: &Value) -> bool {
    let in_arn = request["resource"].as_str().unwrap().split(':').nth(4).unwrap_or_default();
    let of_resource = request["condition"]["aws:ResourceAccount"].as_str().unwrap_or(in_arn);
    !of_resource.is_empty() && of_resource == account(request)
}

/// A document of whole ARNs: those that end early mean nothing where they are no identity-based policy's.
fn whole_document(random: &mut Random) -> Value {
    let mut document = random.document(Doubt::None);
    for statement in document["Statement"].as_array_mut().unwrap() {
        for element in ["Resource", "NotResource"] {
            if ["\"arn:aws:ec2\"", "\"arn:aws:*:eu-1:*\""].iter().any(|early| statement[element].to_string().contains(early)) {
                statement[element] = json!("arn:aws:s3:::b/*");
            }
        }
    }
    document
}

/// A document that allows everything that it does not deny, or sometimes does not.
fn open_document(random: &mut Random) -> Value {
    let mut document = whole_document(random);
    if random.below(4) > 0 {
        document["Statement"].as_array_mut().unwrap().push(json!({"Effect": "Allow", "Action": "*", "Resource": "*"}));
    }
    document
}

fn resource_policy(random: &mut Random) -> Value {
    let mut document = whole_document(random);
    for statement in document["Statement"].as_array_mut().unwrap() {
        if statement["Effect"] == "Deny" && random.below(3) == 0 {
            let [one, other] = ACCOUNTS;
            statement["NotPrincipal"] = json!({"AWS": [one, format!("arn:aws:iam::{one}:user/ann"), format!("arn:aws:iam::{other}:role/r"), other]});
            continue;
        }
        let account = random.one(&ACCOUNTS);
        let one = match random.below(7) {
            0 => json!("*"),
            1 => json!({"AWS": "*"}),
            2 => json!({"AWS": account}),
            3 => json!({"AWS": format!("arn:aws:iam::{account}:user/ann")}),
            4 => json!({"AWS": format!("arn:aws:iam::{account}:role/r")}),
            5 => json!({"AWS": format!("arn:aws:sts::{account}:assumed-role/r/s")}),
            _ => json!({"Service": "logs.amazonaws.com", "AWS": format!("arn:aws:iam::{account}:root")}),
        };
        statement["Principal"] = one;
    }
    document
}

/// A request by a user, a session of a role or a service, for a resource whose account is said or not.
fn request(random: &mut Random) -> Value {
    let mut request = random.request(Doubt::None);
    let account = random.one(&ACCOUNTS);
    request["principal"] = match random.below(4) {
        0 => json!({"service": "logs.amazonaws.com"}),
        1 => json!({"arn": format!("arn:aws:iam::{account}:role/r"), "session_arn": format!("arn:aws:sts::{account}:assumed-role/r/s")}),
        _ => json!({"arn": format!("arn:aws:iam::{account}:user/ann")}),
    };
    match random.below(4) {
        0 => {}
        1 => request["condition"]["aws:ResourceAccount"] = json!(ACCOUNTS[0]),
        _ => request["condition"]["aws:ResourceAccount"] = json!(account),
    }
    request
}

#[test]
fn sets_of_policies_decide_as_the_page_on_evaluation_logic_says() {
    let mut random = Random::new(23);
    let (mut pairs, mut allowed) = (0, 0);
    for _ in 0..500 {
        let sets = Sets::new(&mut random);
        let import = sets.imported();
        let engine = engine(&import);
        for _ in 0..24 {
            let request = request(&mut random);
            let expected = sets.allow(&request);
            assert_eq!(is_allowed(&engine, &request), expected, "{}\n{request:#}\n{}", sets.shown(), import.files[0].text);
            pairs += 1;
            allowed += usize::from(expected);
        }
    }
    assert!(pairs == 12_000 && allowed > 800, "{allowed} of {pairs} allowed");
}
