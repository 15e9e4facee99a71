#pragma once

namespace carillon::access {

/// carillon-access audit verify: walks the audit chains of a database and says whether they are whole.
///
/// Trusts nothing the running service says: reads the tables itself, makes every hash again, checks every
/// signature with the public keys of `audit_keys` (the first ever seen, and those a trusted one vouches for),
/// and compares with the heads and keys it remembered outside the database when it last found a chain whole.
/// Exit code 0 = whole, 1 = broken, 2 = it could not look.
int AuditCommand(int argc, char** argv);

}  // namespace carillon::access
