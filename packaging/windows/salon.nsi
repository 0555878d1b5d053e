; The installer for Windows. Made by `./x package-windows`, which gives:
;   BRAND    a file that defines what the product is called: NAME, STEM (the program without .exe), SCHEME, IDENTIFIER,
;            PUBLISHER, and PACKAGE, what its .msi is known by in all its versions (docs/brands.md)
;   SCOPE    user: for who runs it, without asking for rights; machine: for everybody
;   VERSION  such as 0.1.0 or 0.2.0-beta.1
;   NUMBERS  what Windows compares of it: three numbers, such as 0.1.999, smaller for a beta than for its release
;   PAYLOAD  the folder with what is installed
;   CHECKS   the library made of checks.c
;   ICON     the program's icon
;   OUT      the installer
;   QUICK    if it is not for shipping
;   SIGN     a program that signs the file that it is called with, if anybody signs
; docs/platforms.md says what can be given on its command line and what it ends with.

Unicode true
; As the program is.
Target amd64-unicode
ManifestDPIAware true
!ifdef QUICK
  SetCompressor zlib
!else
  SetCompressor /SOLID lzma
!endif

!include "FileFunc.nsh"
!include "LogicLib.nsh"
!include "MUI2.nsh"
!include "Sections.nsh"
!include "WordFunc.nsh"

!include "${BRAND}"
!define PROGRAM "${STEM}.exe"
!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\${NAME}"
!define RUN "Software\Microsoft\Windows\CurrentVersion\Run"
!define CLASSES "Software\Classes"
; What Microsoft's updater keeps of WebView2.
!define WEBVIEW2 "Microsoft\EdgeUpdate\Clients\{F3017226-FE2A-4295-8BDF-00C3A9A7E4C5}"

; What it ends with, beside NSIS's own 0 (done), 1 (cancelled) and 2 (failed).
!define WEBVIEW2_MISSING 3
!define IN_USE 4
!define OTHER_INSTALLER 5
!define OVERTAKEN 6

; What `Runs` of checks.c says.
!define RUNS_NOT 0
!define RUNS 1

!if "${SCOPE}" == "machine"
  !define ROOT HKLM
  !define PLACE "$PROGRAMFILES64\${NAME}"
  RequestExecutionLevel admin
!else
  !define ROOT HKCU
  !define PLACE "$LOCALAPPDATA\Programs\${NAME}"
  RequestExecutionLevel user
!endif

!ifdef SIGN
  !uninstfinalize '"${SIGN}" "%1"' = 0
!endif

Name "${NAME}"
OutFile "${OUT}"
VIProductVersion "${NUMBERS}.0"
VIAddVersionKey "ProductName" "${NAME}"
VIAddVersionKey "ProductVersion" "${VERSION}"
VIAddVersionKey "FileVersion" "${VERSION}"
VIAddVersionKey "FileDescription" "${NAME} installer"
VIAddVersionKey "CompanyName" "${PUBLISHER}"
VIAddVersionKey "LegalCopyright" "MIT or Apache-2.0"

!define MUI_ICON "${ICON}"
!define MUI_UNICON "${ICON}"
!if "${SCOPE}" == "user"
  ; The other installer has an administrator's rights, and the program is to have the user's.
  !define MUI_FINISHPAGE_RUN "$INSTDIR\${PROGRAM}"
!endif
!insertmacro MUI_PAGE_COMPONENTS
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"

Var Parameters

; The registry and the start menu of whom it is for.
!macro FOR_WHOM
  SetRegView 64
  !if "${SCOPE}" == "machine"
    SetShellVarContext all
  !else
    SetShellVarContext current
  !endif
!macroend

; One installer or uninstaller is at work at a time, and holds this until it ends.
Var Mutex
Var Holds
; Which installation was there when it began: the time of that, in units of 100 ns since 1601.
Var Before
; Where what ran was set aside; empty: nothing was.
Var Aside

!macro ENDS_WITH CODE WORDS
  DetailPrint "${WORDS}"
  IfSilent +2
  MessageBox MB_OK|MB_ICONEXCLAMATION "${WORDS}"
  SetErrorLevel ${CODE}
  Abort "${WORDS}"
!macroend

!macro FUNCTIONS UN
; What is asked of the system, and which installation is there.
Function ${UN}Begin
  !insertmacro FOR_WHOM
  ${GetParameters} $Parameters
  StrCpy $Holds 0
  ReadRegStr $Before ${ROOT} "${UNINSTALL}" "Installation"
  InitPluginsDir
  File "/oname=$PLUGINSDIR\checks.dll" "${CHECKS}"
  !if "${SCOPE}" == "machine"
    StrCpy $0 "Global\${IDENTIFIER}.installer"
  !else
    ; Each user has an installation of their own.
    System::Call 'advapi32::GetUserNameW(w .r1, *i ${NSIS_MAX_STRLEN})'
    StrCpy $0 "Global\${IDENTIFIER}.installer.$1"
  !endif
  System::Call 'kernel32::CreateMutexW(p 0, i 0, w r0) p .r1'
  StrCpy $Mutex $1
FunctionEnd

; Goes on, holding the mutex, when no other installer is at work and the program does not run: a call is never cut off.
; Interactively the user is asked. Silently the installer waits, or with /NOWAIT ends, with everything as it was; the
; uninstaller always ends, as nobody would see it wait. With /FORCE an installer goes on at once, beside the program
; that runs, which stays what it is until it ends.
Function ${UN}UntilAlone
  again:
  StrCpy $2 "Another installer of ${NAME} is at work. Try again when it is done."
  ; 0: held; 128: held, by one that has ended without letting go.
  System::Call 'kernel32::WaitForSingleObject(p $Mutex, i 0) i .r0'
  ${If} $0 <> 0
  ${AndIf} $0 <> 128
    Goto busy
  ${EndIf}
  StrCpy $Holds 1
  ; What was set aside and has ended since.
  RMDir /r "$INSTDIR\.${IDENTIFIER}.before"
  System::Call '$PLUGINSDIR\checks.dll::Runs(w "$INSTDIR\${PROGRAM}") i .r0 ?u'
  !if "${UN}" != ""
    ; One that was set aside is to be taken away as well.
    ${If} $0 == ${RUNS_NOT}
    ${AndIf} ${FileExists} "$INSTDIR\.${IDENTIFIER}.before\*.*"
      StrCpy $0 ${RUNS}
    ${EndIf}
  !endif
  ${If} $0 == ${RUNS_NOT}
    Return
  ${EndIf}
  ${If} $0 != ${RUNS}
    !insertmacro ENDS_WITH 2 "${PROGRAM} in $INSTDIR cannot be opened, so that nobody knows whether ${NAME} is running."
  ${EndIf}
  !if "${UN}" == ""
    ClearErrors
    ${GetOptions} $Parameters "/FORCE" $1
    ${IfNot} ${Errors}
      Return
    ${EndIf}
  !endif
  System::Call 'kernel32::ReleaseMutex(p $Mutex)'
  StrCpy $Holds 0
  StrCpy $2 "${NAME} is running. End it, then try again."
  busy:
  !if "${UN}" == ""
    ClearErrors
    ${GetOptions} $Parameters "/NOWAIT" $1
    ${IfNot} ${Errors}
      SetErrorLevel ${IN_USE}
      Abort "$2"
    ${EndIf}
    IfSilent wait
  !else
    IfSilent +2
  !endif
  MessageBox MB_RETRYCANCEL|MB_ICONEXCLAMATION "$2" IDRETRY again
  SetErrorLevel ${IN_USE}
  Abort "$2"
  !if "${UN}" == ""
    wait:
    Sleep 1000
    Goto again
  !endif
FunctionEnd
!macroend
!insertmacro FUNCTIONS ""
!insertmacro FUNCTIONS "un."

; Nothing is put in the place of a later version: what is there may have come while this installer waited.
Function NotOlder
  ReadRegStr $0 ${ROOT} "${UNINSTALL}" "ComparedVersion"
  ${If} $0 == ""
    Return
  ${EndIf}
  ${VersionCompare} "$0" "${NUMBERS}" $1
  ${If} $1 == 1
    !insertmacro ENDS_WITH ${OVERTAKEN} "A later version of ${NAME} is installed. Uninstall that first."
  ${EndIf}
FunctionEnd

; Puts a file that was unpacked in its place, in one step, so that there is a whole one at every moment. Where the old
; one runs, that is renamed before, which Windows allows, and back if the new one does not get its place.
!macro PUT FILE
  StrCpy $2 0
  ${If} $Aside != ""
    ClearErrors
    Rename "$INSTDIR\${FILE}" "$Aside\${FILE}"
    ${IfNot} ${Errors}
      StrCpy $2 1
    ${EndIf}
  ${EndIf}
  ; 1: one that is there is replaced.
  System::Call 'kernel32::MoveFileExW(w "$INSTDIR\.${IDENTIFIER}.new\${FILE}", w "$INSTDIR\${FILE}", i 1) i .r0'
  ${If} $0 == 0
    ${If} $2 == 1
      Rename "$Aside\${FILE}" "$INSTDIR\${FILE}"
    ${EndIf}
    Goto failed
  ${EndIf}
!macroend

Section "${NAME}" SectionProgram
  SectionIn RO
  Call NotOlder
  Call UntilAlone
  Call NotOlder
  StrCpy $Aside ""
  ; Beside the old ones first, all of them: where there is no room, the old ones stay, and nothing has been touched.
  ; NSIS itself ends at a file that it cannot write; see .onInstFailed.
  RMDir /r "$INSTDIR\.${IDENTIFIER}.new"
  ClearErrors
  SetOutPath "$INSTDIR\.${IDENTIFIER}.new"
  IfErrors failed
  File "${PAYLOAD}/${PROGRAM}"
  File "${PAYLOAD}/WebView2Loader.dll"
  File "${PAYLOAD}/LICENSE-APACHE"
  File "${PAYLOAD}/LICENSE-MIT"
  File "${PAYLOAD}/NOTICE"
  IfErrors failed
  SetOutPath "$INSTDIR"
  System::Call '$PLUGINSDIR\checks.dll::Runs(w "$INSTDIR\${PROGRAM}") i .r0 ?u'
  ${If} $0 == ${RUNS}
    ; With /FORCE, or begun just now.
    CreateDirectory "$INSTDIR\.${IDENTIFIER}.before"
    GetTempFileName $Aside "$INSTDIR\.${IDENTIFIER}.before"
    Delete $Aside
    CreateDirectory $Aside
  ${EndIf}
  ; The library first: an older program gets on with it.
  !insertmacro PUT "WebView2Loader.dll"
  !insertmacro PUT "${PROGRAM}"
  !insertmacro PUT "LICENSE-APACHE"
  !insertmacro PUT "LICENSE-MIT"
  !insertmacro PUT "NOTICE"
  RMDir "$INSTDIR\.${IDENTIFIER}.new"
  ${If} $Aside != ""
    Call TakeAwayLater
  ${EndIf}
  WriteUninstaller "$INSTDIR\uninstall.exe"
  CreateShortcut "$SMPROGRAMS\${NAME}.lnk" "$INSTDIR\${PROGRAM}"

  WriteRegStr ${ROOT} "${CLASSES}\${SCHEME}" "" "URL:${NAME}"
  WriteRegStr ${ROOT} "${CLASSES}\${SCHEME}" "URL Protocol" ""
  WriteRegStr ${ROOT} "${CLASSES}\${SCHEME}\DefaultIcon" "" '"$INSTDIR\${PROGRAM}",0'
  WriteRegStr ${ROOT} "${CLASSES}\${SCHEME}\shell\open\command" "" '"$INSTDIR\${PROGRAM}" "%1"'
  ; Whose notifications they are.
  WriteRegStr ${ROOT} "${CLASSES}\AppUserModelId\${IDENTIFIER}" "DisplayName" "${NAME}"

  WriteRegStr ${ROOT} "${UNINSTALL}" "DisplayName" "${NAME}"
  WriteRegStr ${ROOT} "${UNINSTALL}" "DisplayVersion" "${VERSION}"
  WriteRegStr ${ROOT} "${UNINSTALL}" "DisplayIcon" "$INSTDIR\${PROGRAM}"
  WriteRegStr ${ROOT} "${UNINSTALL}" "Publisher" "${PUBLISHER}"
  WriteRegStr ${ROOT} "${UNINSTALL}" "InstallLocation" "$INSTDIR"
  WriteRegStr ${ROOT} "${UNINSTALL}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr ${ROOT} "${UNINSTALL}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD ${ROOT} "${UNINSTALL}" "NoModify" 1
  WriteRegDWORD ${ROOT} "${UNINSTALL}" "NoRepair" 1
  ; What the next installer compares, and by which an uninstaller knows this installation.
  WriteRegStr ${ROOT} "${UNINSTALL}" "ComparedVersion" "${NUMBERS}"
  System::Call 'kernel32::GetSystemTimeAsFileTime(*l .r0)'
  WriteRegStr ${ROOT} "${UNINSTALL}" "Installation" "$0"
  Call WebView2
  Goto done
  failed:
  SetErrorLevel 2
  Abort "${NAME} cannot be written to $INSTDIR."
  done:
SectionEnd

; What ran before is taken away when it runs no more, at the latest at the computer's next start; for one user, who may
; not ask that of Windows, at their next signing in.
Function TakeAwayLater
  !if "${SCOPE}" == "machine"
    Delete /REBOOTOK "$Aside\${PROGRAM}"
    Delete /REBOOTOK "$Aside\WebView2Loader.dll"
    RMDir /REBOOTOK $Aside
    RMDir /REBOOTOK "$INSTDIR\.${IDENTIFIER}.before"
    ; Texts are in nobody's use.
    Delete "$Aside\*"
  !else
    WriteRegStr HKCU "${RUN}Once" "${NAME} before" '"$INSTDIR\uninstall.exe" /S /BEFORE'
  !endif
FunctionEnd

; Also where NSIS ends by itself, as on a full disk. Of another installer that is at work nothing is touched.
Function .onInstFailed
  ${If} $Holds == 1
    SetOutPath $TEMP
    RMDir /r "$INSTDIR\.${IDENTIFIER}.new"
    ; Only if they are empty, and nothing had been there.
    RMDir "$INSTDIR\.${IDENTIFIER}.before"
    RMDir "$INSTDIR"
  ${EndIf}
FunctionEnd

Section /o "Start with Windows" SectionAutostart
  WriteRegStr ${ROOT} "${RUN}" "${NAME}" '"$INSTDIR\${PROGRAM}"'
SectionEnd

Function .onInit
  Call Begin
  ; Without /D=: where the version before is.
  ${If} $INSTDIR == ""
    ReadRegStr $INSTDIR ${ROOT} "${UNINSTALL}" "InstallLocation"
  ${EndIf}
  ${If} $INSTDIR == ""
    StrCpy $INSTDIR "${PLACE}"
  ${EndIf}
  !if "${SCOPE}" == "machine"
    ; Two that install to one place would overwrite and remove each other's files.
    System::Call 'msi::MsiEnumRelatedProductsW(w "${PACKAGE}", i 0, i 0, w .r1) i .r0'
    ${If} $0 == 0
      IfSilent +2
      MessageBox MB_OK|MB_ICONEXCLAMATION "${NAME} was installed for everybody by its .msi package. Uninstall that first."
      SetErrorLevel ${OTHER_INSTALLER}
      Abort
    ${EndIf}
  !endif
  ClearErrors
  ${GetOptions} $Parameters "/AUTOSTART" $0
  ${IfNot} ${Errors}
    !insertmacro SelectSection ${SectionAutostart}
  ${EndIf}
FunctionEnd

; Whether WebView2's runtime is there: $0 is its version, or empty.
Function FindWebView2
  StrCpy $0 ""
  SetRegView 32
  ReadRegStr $0 HKLM "Software\${WEBVIEW2}" "pv"
  ; What the administrator has for themselves helps nobody else.
  !if "${SCOPE}" == "user"
    ${If} $0 == ""
    ${OrIf} $0 == "0.0.0.0"
      ReadRegStr $0 HKCU "Software\${WEBVIEW2}" "pv"
    ${EndIf}
  !endif
  ${If} $0 == "0.0.0.0"
    StrCpy $0 ""
  ${EndIf}
  !insertmacro FOR_WHOM
FunctionEnd

; The runtime is found, taken from a folder beside the installer, fetched by Microsoft's bootstrapper beside the
; installer, or said to be missing. One of a fixed version that a former installer has brought goes as soon as there
; is another: it would count more than the system's, and nobody keeps it up to date.
Function WebView2
  Call FindWebView2
  ${If} $0 != ""
    DetailPrint "WebView2 $0 is there."
    RMDir /r "$INSTDIR\WebView2"
    Return
  ${EndIf}
  ${If} ${FileExists} "$EXEDIR\WebView2\msedgewebview2.exe"
    DetailPrint "WebView2 is taken from the folder beside the installer."
    RMDir /r "$INSTDIR\WebView2"
    CopyFiles /SILENT "$EXEDIR\WebView2" "$INSTDIR"
    Return
  ${EndIf}
  ; From a former installation.
  ${If} ${FileExists} "$INSTDIR\WebView2\msedgewebview2.exe"
    Return
  ${EndIf}
  ${If} ${FileExists} "$EXEDIR\MicrosoftEdgeWebview2Setup.exe"
    ; Others may write into the folder that the installer is started from, such as that of downloads: what is looked
    ; at and then runs is a copy, in a folder of the installer's own.
    CopyFiles /SILENT "$EXEDIR\MicrosoftEdgeWebview2Setup.exe" "$PLUGINSDIR"
    System::Call '$PLUGINSDIR\checks.dll::SignedByMicrosoft(w "$PLUGINSDIR\MicrosoftEdgeWebview2Setup.exe") i .r1 ?u'
    ${If} $1 == 1
      DetailPrint "WebView2 is fetched from Microsoft."
      ExecWait '"$PLUGINSDIR\MicrosoftEdgeWebview2Setup.exe" /silent /install' $1
    ${Else}
      DetailPrint "MicrosoftEdgeWebview2Setup.exe is not signed by Microsoft, and was not started."
    ${EndIf}
    Call FindWebView2
    ${If} $0 != ""
      Return
    ${EndIf}
  ${EndIf}
  DetailPrint "WebView2 is missing."
  SetErrorLevel ${WEBVIEW2_MISSING}
  IfSilent +2
  MessageBox MB_OK|MB_ICONEXCLAMATION "${NAME} is installed, and cannot show its window before Microsoft's WebView2 runtime is. Install that as well."
FunctionEnd

Function un.onInit
  Call un.Begin
  ClearErrors
  ${GetOptions} $Parameters "/BEFORE" $0
  ${IfNot} ${Errors}
    ; Only what an installer has set aside.
    RMDir /r "$INSTDIR\.${IDENTIFIER}.before"
    Quit
  ${EndIf}
FunctionEnd

Section "Uninstall"
  Call un.UntilAlone
  ; The one that was to be taken away, and no other that has come while somebody thought about it.
  ReadRegStr $0 ${ROOT} "${UNINSTALL}" "Installation"
  ${If} $0 != $Before
    !insertmacro ENDS_WITH ${OVERTAKEN} "${NAME} has been installed anew meanwhile, and stays."
  ${EndIf}
  Delete "$INSTDIR\${PROGRAM}"
  Delete "$INSTDIR\WebView2Loader.dll"
  Delete "$INSTDIR\LICENSE-APACHE"
  Delete "$INSTDIR\LICENSE-MIT"
  Delete "$INSTDIR\NOTICE"
  RMDir /r "$INSTDIR\WebView2"
  RMDir /r "$INSTDIR\.${IDENTIFIER}.new"
  Delete "$INSTDIR\uninstall.exe"
  ; Only if nobody else put anything there.
  RMDir "$INSTDIR"
  Delete "$SMPROGRAMS\${NAME}.lnk"
  DeleteRegKey ${ROOT} "${CLASSES}\${SCHEME}"
  DeleteRegKey ${ROOT} "${CLASSES}\AppUserModelId\${IDENTIFIER}"
  DeleteRegValue ${ROOT} "${RUN}" "${NAME}"
  DeleteRegValue ${ROOT} "${RUN}Once" "${NAME} before"
  DeleteRegKey ${ROOT} "${UNINSTALL}"
  ; What the webview and the log left. Of other users nothing can be reached.
  SetShellVarContext current
  RMDir /r "$LOCALAPPDATA\${IDENTIFIER}"
  RMDir /r "$LOCALAPPDATA\${NAME}\logs"
  Delete "$LOCALAPPDATA\${NAME}\call.lock"
  RMDir "$LOCALAPPDATA\${NAME}"
  IfSilent +2
  MessageBox MB_OK|MB_ICONINFORMATION "${NAME} is gone. What you made with it stays: settings in $APPDATA\${STEM}, past meetings in $LOCALAPPDATA\${NAME}."
SectionEnd
