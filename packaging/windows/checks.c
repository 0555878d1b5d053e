/* What the installers for Windows ask of the system and their languages cannot. Made by `./x package-windows`, which
   includes before it what defines NAME and PROGRAM: what the product and its program are called. */

#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#include <msi.h>
#include <msiquery.h>
#include <wincrypt.h>
#include <wintrust.h>
#include <softpub.h>

/* Not in every version of MinGW's headers. */
#ifndef CERT_CHAIN_POLICY_MICROSOFT_ROOT
#define CERT_CHAIN_POLICY_MICROSOFT_ROOT ((LPCSTR)7)
#endif
#define APPLICATION_ROOT 0x00020000

static BOOL is_of_microsoft(PCCERT_CHAIN_CONTEXT chain, DWORD flags)
{
    CERT_CHAIN_POLICY_PARA wanted = { .cbSize = sizeof wanted };
    CERT_CHAIN_POLICY_STATUS found = { .cbSize = sizeof found };
    wanted.dwFlags = flags;
    return CertVerifyCertificateChainPolicy(CERT_CHAIN_POLICY_MICROSOFT_ROOT, chain, &wanted, &found)
        && found.dwError == 0;
}

/* Whether a program is signed, unchanged, by somebody whose certificate leads to one of Microsoft's own roots. Those
   that somebody added to this computer do not count. */
__declspec(dllexport) int SignedByMicrosoft(LPCWSTR program)
{
    GUID how = WINTRUST_ACTION_GENERIC_VERIFY_V2;
    WINTRUST_FILE_INFO file = { .cbStruct = sizeof file };
    WINTRUST_DATA asked = { .cbStruct = sizeof asked };
    int signed_by_microsoft = 0;

    file.pcwszFilePath = program;
    asked.dwUIChoice = WTD_UI_NONE;
    /* Whoever is not on the internet cannot fetch WebView2, either; who is waits for nobody's list. */
    asked.fdwRevocationChecks = WTD_REVOKE_NONE;
    asked.dwUnionChoice = WTD_CHOICE_FILE;
    asked.pFile = &file;
    asked.dwStateAction = WTD_STATEACTION_VERIFY;
    if (WinVerifyTrust(INVALID_HANDLE_VALUE, &how, &asked) == ERROR_SUCCESS) {
        CRYPT_PROVIDER_DATA *found = WTHelperProvDataFromStateData(asked.hWVTStateData);
        CRYPT_PROVIDER_SGNR *signer = found ? WTHelperGetProvSignerFromChain(found, 0, FALSE, 0) : NULL;
        PCCERT_CHAIN_CONTEXT chain = signer ? signer->pChainContext : NULL;
        signed_by_microsoft =
            chain && (is_of_microsoft(chain, 0) || is_of_microsoft(chain, APPLICATION_ROOT));
    }
    asked.dwStateAction = WTD_STATEACTION_CLOSE;
    WinVerifyTrust(INVALID_HANDLE_VALUE, &how, &asked);
    return signed_by_microsoft;
}

static UINT refuse(MSIHANDLE package, LPCWSTR why)
{
    MSIHANDLE record = MsiCreateRecord(1);
    MsiRecordSetStringW(record, 0, why);
    MsiProcessMessage(package, INSTALLMESSAGE_ERROR, record);
    MsiCloseHandle(record);
    return ERROR_INSTALL_FAILURE;
}

/* What `Runs` says; salon.nsi names them, too. */
enum { RUNS_NOT = 0, RUNS = 1, RUNS_UNKNOWN = 2 };

/* Whether a program runs, for whichever user: Windows lets nobody write into one that does. What keeps from finding
   out is no reason to take it for one that does not. */
__declspec(dllexport) int Runs(LPCWSTR program)
{
    HANDLE file = CreateFileW(program, GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
                              OPEN_EXISTING, 0, NULL);
    if (file != INVALID_HANDLE_VALUE) {
        CloseHandle(file);
        return RUNS_NOT;
    }
    switch (GetLastError()) {
    case ERROR_FILE_NOT_FOUND:
    case ERROR_PATH_NOT_FOUND:
        return RUNS_NOT;
    case ERROR_SHARING_VIOLATION:
        return RUNS;
    default:
        return RUNS_UNKNOWN;
    }
}

/* Ends the package's work before it has begun if the program runs: a call is never cut off. */
__declspec(dllexport) UINT __stdcall RefuseIfRunning(MSIHANDLE package)
{
    WCHAR program[2 * MAX_PATH];
    DWORD room = MAX_PATH;

    if (MsiGetPropertyW(package, L"INSTALLDIR", program, &room) != ERROR_SUCCESS)
        return refuse(package, L"Where " NAME L" is to be is not known, or its path is too long.");
    lstrcatW(program, PROGRAM);
    switch (Runs(program)) {
    case RUNS_NOT:
        return ERROR_SUCCESS;
    case RUNS:
        return refuse(package, NAME L" is running, perhaps in a call. End it and try again, or give FORCE=1.");
    default:
        return refuse(package, L"Whether " NAME L" is running cannot be found out: " PROGRAM L" cannot be opened.");
    }
}

/* The same where the other installer for everybody has been: two would overwrite and remove each other's files. */
__declspec(dllexport) UINT __stdcall RefuseBesideTheOther(MSIHANDLE package)
{
    HKEY key;
    LONG there = RegOpenKeyExW(HKEY_LOCAL_MACHINE,
                               L"Software\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\" NAME, 0,
                               KEY_READ | KEY_WOW64_64KEY, &key);
    if (there != ERROR_SUCCESS)
        return ERROR_SUCCESS;
    RegCloseKey(key);
    return refuse(package, NAME L" was installed for everybody by its .exe. Uninstall that first.");
}
