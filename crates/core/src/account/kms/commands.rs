use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::{Map, Value, json};

use super::material::material_id;
use super::state::{Alias, Key, KeyState, Kms, Rotation, alias_arn, default_policy, key_arn};
use crate::access::{Context, Policies, Policy, PolicyKind, Principal, Request, ResourceRule, Source, evaluate};
use crate::account::paging::Paging;
use crate::account::params::{ANY, BOOLEAN, Member, NAME, Shape, TEXT, optional, required};
use crate::account::{AccountOptions, ApiError, Params};
use crate::gather::object;
use crate::sim::{Rng, SimTime};

type Response = Result<Map<String, Value>, ApiError>;

const LIMIT: Shape = Shape::Integer { min: Some(1) };
const CREATE_KEY: &[Member] = &[
    optional("Policy", NAME),
    optional("Description", TEXT),
    optional("KeyUsage", TEXT),
    optional("CustomerMasterKeySpec", TEXT),
    optional("KeySpec", TEXT),
    optional("Origin", TEXT),
    optional("CustomKeyStoreId", NAME),
    optional("BypassPolicyLockoutSafetyCheck", BOOLEAN),
    optional("Tags", ANY),
    optional("MultiRegion", BOOLEAN),
    optional("XksKeyId", NAME),
];
const KEY: &[Member] = &[required("KeyId", NAME)];
const DESCRIBE: &[Member] = &[required("KeyId", NAME), optional("GrantTokens", ANY)];
const LIST: &[Member] = &[optional("Limit", LIMIT), optional("Marker", NAME), optional("ResourceOwners", ANY)];
const LIST_ALIASES: &[Member] = &[optional("KeyId", NAME), optional("Limit", LIMIT), optional("Marker", NAME)];
const ALIAS: &[Member] = &[required("AliasName", NAME), required("TargetKeyId", NAME)];
const DELETE_ALIAS: &[Member] = &[required("AliasName", NAME)];
const ENABLE_ROTATION: &[Member] = &[required("KeyId", NAME), optional("RotationPeriodInDays", Shape::Integer { min: Some(90) })];
const LIST_ROTATIONS: &[Member] = &[
    required("KeyId", NAME),
    optional("IncludeKeyMaterial", TEXT),
    optional("Limit", LIMIT),
    optional("Marker", NAME),
];
const SCHEDULE: &[Member] = &[required("KeyId", NAME), optional("PendingWindowInDays", LIMIT)];
const GET_POLICY: &[Member] = &[required("KeyId", NAME), optional("PolicyName", NAME)];
const PUT_POLICY: &[Member] = &[
    required("KeyId", NAME),
    optional("PolicyName", NAME),
    required("Policy", NAME),
    optional("BypassPolicyLockoutSafetyCheck", BOOLEAN),
];
const DESCRIPTION: &[Member] = &[required("KeyId", NAME), required("Description", TEXT)];

/// On-demand rotations of one key ("Quotas", RotateKeyOnDemand).
const ON_DEMAND_QUOTA: usize = 25;

fn invalid_state(arn: &str, what: &str) -> ApiError {
    ApiError::new("KMSInvalidStateException", format!("{arn} is {what}."))
}

fn validation(message: String) -> ApiError {
    ApiError::new("ValidationException", message)
}

impl Kms {
    /// Whether the operation changes nothing. Unknown operations: false.
    pub fn is_read(operation: &str) -> bool {
        matches!(
            operation,
            "DescribeKey" | "ListKeys" | "ListAliases" | "GetKeyRotationStatus" | "ListKeyRotations" | "GetKeyPolicy"
        )
    }

    /// Applies one operation of service `kms` (API version 2014-11-01). `rng` gives new ids.
    ///
    /// Errors with the codes of the model: `NotFoundException`, `DisabledException`, `KMSInvalidStateException`, `AlreadyExistsException`,
    /// `InvalidAliasNameException`, `MalformedPolicyDocumentException`, `LimitExceededException`, `UnsupportedOperationException`, `ValidationException`;
    /// `ParamValidation`; `NotImplemented` naming the operation.
    pub fn call(&mut self, options: &AccountOptions, now: SimTime, rng: &mut Rng, operation: &str, params: &Value) -> Response {
        let check = |members| Params::check(params, members);
        match operation {
            "CreateKey" => self.create_key(options, now, rng, &check(CREATE_KEY)?),
            "DescribeKey" => {
                let id = self.named(options, now, &check(DESCRIBE)?)?;
                Ok(one("KeyMetadata", self.metadata(options, now, &id)))
            }
            "ListKeys" => self.list_keys(options, now, &check(LIST)?),
            "CreateAlias" => self.create_alias(options, now, &check(ALIAS)?),
            "UpdateAlias" => self.update_alias(options, now, &check(ALIAS)?),
            "DeleteAlias" => self.delete_alias(options, &check(DELETE_ALIAS)?),
            "ListAliases" => self.list_aliases(options, now, &check(LIST_ALIASES)?),
            "EnableKey" => self.set_enabled(options, now, &check(KEY)?, true),
            "DisableKey" => self.set_enabled(options, now, &check(KEY)?, false),
            "EnableKeyRotation" => self.enable_rotation(options, now, &check(ENABLE_ROTATION)?),
            "DisableKeyRotation" => {
                let (_, _, key) = self.enabled_mut(options, now, &check(KEY)?)?;
                key.settle(now);
                key.rotation = None;
                Ok(Map::new())
            }
            "GetKeyRotationStatus" => self.rotation_status(options, now, &check(KEY)?),
            "RotateKeyOnDemand" => self.rotate(options, now, &check(KEY)?),
            "ListKeyRotations" => self.list_rotations(options, now, &check(LIST_ROTATIONS)?),
            "ScheduleKeyDeletion" => self.schedule_deletion(options, now, &check(SCHEDULE)?),
            "CancelKeyDeletion" => self.cancel_deletion(options, now, &check(KEY)?),
            "GetKeyPolicy" => {
                let params = check(GET_POLICY)?;
                let id = self.named(options, now, &params)?;
                let policy = self.keys.get(&id).map_or("", |key| &key.policy);
                let mut response = one("Policy", json!(policy));
                response.insert("PolicyName".to_string(), json!("default"));
                Ok(response)
            }
            "PutKeyPolicy" => {
                let params = check(PUT_POLICY)?;
                let policy = checked_policy(options, now, &params, params.required_text("Policy")?)?;
                let (_, _, key) = self.customers_mut(options, now, &params)?;
                key.policy = policy;
                Ok(Map::new())
            }
            "UpdateKeyDescription" => {
                let params = check(DESCRIPTION)?;
                let description = params.required_text("Description")?;
                let (_, _, key) = self.customers_mut(options, now, &params)?;
                key.description = description.to_string();
                Ok(Map::new())
            }
            _ => Err(ApiError::new(
                "NotImplemented",
                format!("Sluice does not do kms:{operation} yet, or KMS has no such operation."),
            )),
        }
    }

    fn create_key(&mut self, options: &AccountOptions, now: SimTime, rng: &mut Rng, params: &Params<'_>) -> Response {
        let is = |name: &str, only: &str| params.text(name).is_none_or(|text| text == only);
        let only_symmetric = is("KeyUsage", "ENCRYPT_DECRYPT") && is("KeySpec", "SYMMETRIC_DEFAULT") && is("CustomerMasterKeySpec", "SYMMETRIC_DEFAULT");
        if !only_symmetric || !is("Origin", "AWS_KMS") || params.boolean("MultiRegion") == Some(true) {
            return Err(ApiError::new(
                "UnsupportedOperationException",
                "A specified parameter is not supported or a specified resource is not valid for this operation.",
            )
            .with_help("Sluice has symmetric encryption keys of one Region, with material of KMS."));
        }
        if let Some(name) = ["CustomKeyStoreId", "XksKeyId", "Tags"].into_iter().find(|name| params.has(name)) {
            return Err(ApiError::new("NotImplemented", format!("Sluice does not do kms:CreateKey with {name} yet.")));
        }
        let policy = match params.text("Policy") {
            None => default_policy(options),
            Some(text) => checked_policy(options, now, params, text)?,
        };
        let key = Key {
            created: now,
            description: params.text("Description").unwrap_or_default().to_string(),
            state: KeyState::Enabled,
            deletion: None,
            rotation: None,
            rotated: Vec::new(),
            policy,
            aws_managed: false,
        };
        let id = rng.uuid();
        self.keys.insert(id.clone(), key);
        Ok(one("KeyMetadata", self.metadata(options, now, &id)))
    }

    fn metadata(&self, options: &AccountOptions, now: SimTime, id: &str) -> Value {
        let Some(key) = self.key(now, id) else { return Value::Null };
        let mut shown = json!({
            "AWSAccountId": options.account_id,
            "KeyId": id,
            "Arn": key_arn(options, id),
            "CreationDate": key.created.to_string(),
            "Enabled": key.state == KeyState::Enabled,
            "Description": key.description,
            "KeyUsage": "ENCRYPT_DECRYPT",
            "KeyState": key.state.as_str(),
            "Origin": "AWS_KMS",
            "KeyManager": if key.aws_managed { "AWS" } else { "CUSTOMER" },
            "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
            "KeySpec": "SYMMETRIC_DEFAULT",
            "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"],
            "MultiRegion": false,
            "CurrentKeyMaterialId": material_id(options.seed, id, key.version(now)),
        });
        if let Some((at, _)) = key.deletion {
            shown["DeletionDate"] = json!(at.to_string());
        }
        shown
    }

    fn list_keys(&self, options: &AccountOptions, now: SimTime, params: &Params<'_>) -> Response {
        let keys = self.keys.iter().filter(|(_, key)| !key.is_gone(now));
        let entries = keys.map(|(id, _)| (id.as_str(), json!({"KeyId": id, "KeyArn": key_arn(options, id)})));
        PAGING.page(params, "Keys", 100, entries)
    }

    fn list_aliases(&self, options: &AccountOptions, now: SimTime, params: &Params<'_>) -> Response {
        let of = match params.text("KeyId") {
            None => None,
            Some(text) => Some(self.resolve(options, now, text)?),
        };
        let aliases = self
            .aliases
            .iter()
            .filter(|(_, alias)| of.as_ref().is_none_or(|id| *id == alias.key) && self.key(now, &alias.key).is_some());
        let entries = aliases.map(|(name, alias)| {
            let shown = json!({
                "AliasName": name,
                "AliasArn": alias_arn(options, name),
                "TargetKeyId": alias.key,
                "CreationDate": alias.created.to_string(),
                "LastUpdatedDate": alias.updated.to_string(),
            });
            (name.as_str(), shown)
        });
        PAGING.page(params, "Aliases", 50, entries)
    }

    fn create_alias(&mut self, options: &AccountOptions, now: SimTime, params: &Params<'_>) -> Response {
        let name = alias_name(params)?;
        let key = self.target(options, now, params)?;
        // An alias goes with its key.
        if self.aliases.get(name).is_some_and(|alias| self.key(now, &alias.key).is_some()) {
            let message = format!("An alias with the name {} already exists", alias_arn(options, name));
            return Err(ApiError::new("AlreadyExistsException", message));
        }
        let alias = Alias {
            key,
            created: now,
            updated: now,
        };
        self.aliases.insert(name.to_string(), alias);
        Ok(Map::new())
    }

    fn update_alias(&mut self, options: &AccountOptions, now: SimTime, params: &Params<'_>) -> Response {
        let name = alias_name(params)?;
        let key = self.target(options, now, params)?;
        let alias = self.aliases.get_mut(name).ok_or_else(|| no_alias(options, name))?;
        alias.key = key;
        alias.updated = now;
        Ok(Map::new())
    }

    fn delete_alias(&mut self, options: &AccountOptions, params: &Params<'_>) -> Response {
        let name = alias_name(params)?;
        self.aliases.remove(name).map(|_| Map::new()).ok_or_else(|| no_alias(options, name))
    }

    /// The key that an alias shall mean: by id or ARN, one of the account's own, not about to be deleted.
    fn target(&self, options: &AccountOptions, now: SimTime, params: &Params<'_>) -> Result<String, ApiError> {
        let text = params.required_text("TargetKeyId")?;
        if text.contains("alias/") {
            return Err(validation("Aliases must refer to keys. Not aliases".to_string()));
        }
        let id = self.resolve(options, now, text)?;
        if self.key(now, &id).is_some_and(|key| key.state == KeyState::PendingDeletion) {
            return Err(invalid_state(&key_arn(options, &id), "pending deletion"));
        }
        Ok(id)
    }

    fn set_enabled(&mut self, options: &AccountOptions, now: SimTime, params: &Params<'_>, enabled: bool) -> Response {
        let (_, arn, key) = self.customers_mut(options, now, params)?;
        if key.state == KeyState::PendingDeletion {
            return Err(invalid_state(&arn, "pending deletion"));
        }
        key.settle(now);
        if enabled && key.state == KeyState::Disabled {
            key.catch_up(now);
        }
        key.state = if enabled { KeyState::Enabled } else { KeyState::Disabled };
        Ok(Map::new())
    }

    fn enable_rotation(&mut self, options: &AccountOptions, now: SimTime, params: &Params<'_>) -> Response {
        let days = params.integer("RotationPeriodInDays");
        if days.is_some_and(|days| days > 2_560) {
            return Err(validation(format!(
                "1 validation error detected: Value '{}' at 'rotationPeriodInDays' failed to satisfy constraint: Member must have value less than or equal to 2560",
                days.unwrap_or_default()
            )));
        }
        let (_, _, key) = self.enabled_mut(options, now, params)?;
        key.settle(now);
        key.rotation = match (key.rotation, days) {
            (Some((since, _)), Some(days)) => Some((since, days)),
            (Some(kept), None) => Some(kept),
            (None, days) => Some((now, days.unwrap_or(365))),
        };
        Ok(Map::new())
    }

    fn rotation_status(&self, options: &AccountOptions, now: SimTime, params: &Params<'_>) -> Response {
        let id = self.named(options, now, params)?;
        let Some(key) = self.key(now, &id) else { return Ok(Map::new()) };
        if key.state == KeyState::PendingDeletion {
            return Err(invalid_state(&key_arn(options, &id), "pending deletion"));
        }
        let mut response = one("KeyRotationEnabled", json!(key.rotation.is_some()));
        response.insert("KeyId".to_string(), json!(key_arn(options, &id)));
        if let Some((since, days)) = key.rotation {
            let last = key.scheduled(now).last().unwrap_or(since);
            response.insert("RotationPeriodInDays".to_string(), json!(days));
            response.insert(
                "NextRotationDate".to_string(),
                json!(last.plus_seconds(days.saturating_mul(86_400)).to_string()),
            );
        }
        Ok(response)
    }

    /// The new material serves at once; AWS takes a while.
    fn rotate(&mut self, options: &AccountOptions, now: SimTime, params: &Params<'_>) -> Response {
        let (_, arn, key) = self.enabled_mut(options, now, params)?;
        if key.rotated.iter().filter(|rotation| rotation.on_demand).count() >= ON_DEMAND_QUOTA {
            return Err(ApiError::new(
                "LimitExceededException",
                format!("{arn} has been rotated on demand {ON_DEMAND_QUOTA} times, which is the most."),
            ));
        }
        key.rotated.push(Rotation { at: now, on_demand: true });
        Ok(one("KeyId", json!(arn)))
    }

    fn list_rotations(&self, options: &AccountOptions, now: SimTime, params: &Params<'_>) -> Response {
        let id = self.named(options, now, params)?;
        let arn = key_arn(options, &id);
        let rotations = self.key(now, &id).map(|key| key.rotations(now)).unwrap_or_default();
        let shown: Vec<(String, Value)> = rotations
            .iter()
            .zip(1_u32..)
            .map(|(rotation, version)| {
                let kind = if rotation.on_demand { "ON_DEMAND" } else { "AUTOMATIC" };
                let material = material_id(options.seed, &id, version);
                let value = json!({"KeyId": arn, "KeyMaterialId": material, "RotationDate": rotation.at.to_string(), "RotationType": kind});
                (format!("{version:010}"), value)
            })
            .collect();
        PAGING.page(params, "Rotations", 100, shown.iter().map(|(marker, value)| (marker.as_str(), value.clone())))
    }

    fn schedule_deletion(&mut self, options: &AccountOptions, now: SimTime, params: &Params<'_>) -> Response {
        let days = params.integer("PendingWindowInDays").unwrap_or(30);
        if !(7..=30).contains(&days) {
            return Err(validation(format!(
                "1 validation error detected: Value '{days}' at 'pendingWindowInDays' failed to satisfy constraint: Member must have value between 7 and 30"
            )));
        }
        let (_, arn, key) = self.customers_mut(options, now, params)?;
        if key.state == KeyState::PendingDeletion {
            return Err(invalid_state(&arn, "pending deletion"));
        }
        key.settle(now);
        let at = now.plus_seconds(days.saturating_mul(86_400));
        key.state = KeyState::PendingDeletion;
        key.deletion = Some((at, days));
        let mut response = one("KeyId", json!(arn));
        response.insert("DeletionDate".to_string(), json!(at.to_string()));
        response.insert("KeyState".to_string(), json!(KeyState::PendingDeletion.as_str()));
        response.insert("PendingWindowInDays".to_string(), json!(days));
        Ok(response)
    }

    /// The key is disabled afterwards, as KMS does it.
    fn cancel_deletion(&mut self, options: &AccountOptions, now: SimTime, params: &Params<'_>) -> Response {
        let (_, arn, key) = self.customers_mut(options, now, params)?;
        if key.state != KeyState::PendingDeletion {
            return Err(invalid_state(&arn, "not pending deletion"));
        }
        key.state = KeyState::Disabled;
        key.deletion = None;
        Ok(one("KeyId", json!(arn)))
    }

    fn named(&self, options: &AccountOptions, now: SimTime, params: &Params<'_>) -> Result<String, ApiError> {
        self.resolve(options, now, params.required_text("KeyId")?)
    }

    /// A key that the account may manage, with its id and ARN; by id or ARN, not by alias. Error: `ValidationException` for the AWS managed key.
    fn customers_mut(&mut self, options: &AccountOptions, now: SimTime, params: &Params<'_>) -> Result<(String, String, &mut Key), ApiError> {
        let text = params.required_text("KeyId")?;
        if text.starts_with("alias/") || text.contains(":alias/") {
            return Err(ApiError::new("NotFoundException", format!("Invalid keyId '{text}'")).with_help("This operation takes a key's id or ARN, no alias."));
        }
        let id = self.resolve(options, now, text)?;
        let arn = key_arn(options, &id);
        let key = self
            .keys
            .get_mut(&id)
            .ok_or_else(|| ApiError::new("NotFoundException", format!("Key '{arn}' does not exist")))?;
        if key.aws_managed {
            return Err(ApiError::new(
                "AccessDeniedException",
                format!("{arn} is an AWS managed key: the account cannot change it."),
            ));
        }
        Ok((id, arn, key))
    }

    /// The same, and enabled. Errors: `DisabledException`, `KMSInvalidStateException`.
    fn enabled_mut(&mut self, options: &AccountOptions, now: SimTime, params: &Params<'_>) -> Result<(String, String, &mut Key), ApiError> {
        let (id, arn, key) = self.customers_mut(options, now, params)?;
        match key.state {
            KeyState::Enabled => Ok((id, arn, key)),
            KeyState::Disabled => Err(ApiError::new("DisabledException", format!("{arn} is disabled."))),
            KeyState::PendingDeletion => Err(invalid_state(&arn, "pending deletion")),
        }
    }
}

fn one(name: &str, value: Value) -> Map<String, Value> {
    object([(name.to_string(), value)])
}

fn no_alias(options: &AccountOptions, name: &str) -> ApiError {
    ApiError::new("NotFoundException", format!("Alias {} is not found.", alias_arn(options, name)))
}

/// `alias/` and letters, digits, `/`, `_`, `-`; not `alias/aws/`.
fn alias_name<'a>(params: &Params<'a>) -> Result<&'a str, ApiError> {
    let name = params.required_text("AliasName")?;
    let rest = name.strip_prefix("alias/").unwrap_or_default();
    if rest.is_empty() || name.len() > 256 || !rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/_-".contains(&byte)) {
        return Err(ApiError::new("InvalidAliasNameException", format!("{name} is not a valid alias name."))
            .with_help("An alias is alias/ and letters, digits, \"/\", \"_\" or \"-\"."));
    }
    if rest.starts_with("aws/") {
        return Err(ApiError::new(
            "NotAuthorizedException",
            "The prefix alias/aws/ is reserved for AWS managed keys.",
        ));
    }
    Ok(name)
}

/// A key policy must read, and must leave the account a way to change it.
fn checked_policy(options: &AccountOptions, now: SimTime, params: &Params<'_>, text: &str) -> Result<String, ApiError> {
    let policy = Policy::parse(text, PolicyKind::Key)?;
    let principal = Principal::Root {
        account: options.account_id.clone(),
    };
    let request = Request {
        context: Context::of(&principal, now),
        principal,
        action: "kms:PutKeyPolicy".to_string(),
        resource: "*".to_string(),
        resource_account: options.account_id.clone(),
    };
    let source = Source {
        name: "key policy",
        policy: &policy,
    };
    let policies = Policies {
        resource: Some(source),
        rule: ResourceRule::Required,
        ..Policies::default()
    };
    if params.boolean("BypassPolicyLockoutSafetyCheck") != Some(true) && !evaluate(&request, &policies).allowed {
        return Err(ApiError::new(
            "MalformedPolicyDocumentException",
            "The new key policy will not allow you to update the key policy in the future.",
        )
        .with_help(format!("Keep a statement that allows kms:* to arn:aws:iam::{}:root.", options.account_id)));
    }
    Ok(text.to_string())
}

/// The lists of KMS.
const PAGING: Paging = Paging {
    limit: "Limit",
    truncated: "Truncated",
    next: "NextMarker",
};
