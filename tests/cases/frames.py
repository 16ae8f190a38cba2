#!/usr/bin/env python3
"""Writes frames.json: blobs sealed by another implementation (pyca/cryptography, which is OpenSSL's AES-GCM). Run: pip install cryptography; python3 frames.py > frames.json"""
import base64, hashlib, json
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

FRAME = 1 << 20

def sample(length):
    return bytes(at // 3 % 251 for at in range(length))

def sealed(plain, data_key, salt, layers):
    keys = [hashlib.sha256(b"sluice frames 1" + bytes([layer]) + salt + data_key).digest() for layer in range(layers)]
    frames = [plain[at:at + FRAME] for at in range(0, len(plain), FRAME)]
    stored = b""
    for number, frame in enumerate(frames):
        nonce = salt[:8] + number.to_bytes(4, "big")
        associated = b"SLF1" + number.to_bytes(4, "big") + bytes([number + 1 == len(frames)])
        for key in keys:
            frame = AESGCM(key).encrypt(nonce, frame, associated)
        stored += frame
    return stored

cases = []
for name, length, layers in [("a few bytes", 20, 1), ("two layers", 20, 2), ("one whole frame", FRAME, 1), ("three frames", 2 * FRAME + 77, 1), ("three frames, two layers", 2 * FRAME + 77, 2)]:
    data_key, salt = hashlib.sha256(name.encode()).digest(), hashlib.md5(name.encode()).digest()
    stored = sealed(sample(length), data_key, salt, layers)
    case = {"name": name, "length": length, "layers": layers, "data_key": data_key.hex(), "salt": salt.hex(), "stored_length": len(stored), "stored_sha256": hashlib.sha256(stored).hexdigest()}
    if len(stored) < 1000:
        case["stored"] = base64.b64encode(stored).decode()
    cases.append(case)
about = "Blobs as they rest, sealed by OpenSSL's AES-GCM (frames.py). The plaintext's byte i is i / 3 mod 251."
print("{\n  \"about\": %s,\n  \"cases\": [\n    %s\n  ]\n}" % (json.dumps(about), ",\n    ".join(json.dumps(case) for case in cases)))
