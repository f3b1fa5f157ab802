// Package peertest starts servers that others wrote, for tests of what speaks with
// them: an Apache with mod_auth_gssapi, MIT's GSS-API, an MIT KDC, a Samba file server,
// Mono's ASP.NET. All on loopback, on free ports, as the user who runs the tests, with
// files of their own in a temporary folder.
//
// What it promises: a server is ready when its Start returns and gone when the test
// ends. Tests that need one carry the build tag peers, so that the others need Go alone.
// Where a program is not installed such a test fails and says how to install it,
// unless the environment says PSLAN_TEST_APACHE=off, PSLAN_TEST_KDC=off,
// PSLAN_TEST_SAMBA=off or PSLAN_TEST_MONO=off; then Start returns nil, says so in the log,
// and the test is to return.
//
// It must not know what is tested.
package peertest
