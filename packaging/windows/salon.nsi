; The installer for Windows. Made by `./x package-windows`, which gives:
;   SCOPE    user: for who runs it, without asking for rights; machine: for everybody
;   VERSION  such as 0.1.0 or 0.2.0-beta.1
;   NUMBERS  such as 0.1.0 or 0.2.0
;   PAYLOAD  the folder with what is installed
;   CHECKS   the library made of checks.c
;   ICON     the program's icon
;   OUT      the installer
;   QUICK    if it is not for shipping
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

!define NAME "Salon"
!define PROGRAM "salon.exe"
!define SCHEME "salon"
!define IDENTIFIER "app.salon.desktop"
!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\${NAME}"
!define RUN "Software\Microsoft\Windows\CurrentVersion\Run"
!define CLASSES "Software\Classes"
; What Microsoft's updater keeps of WebView2.
!define WEBVIEW2 "Microsoft\EdgeUpdate\Clients\{F3017226-FE2A-4295-8BDF-00C3A9A7E4C5}"

; What it ends with, beside NSIS's own 0 (done), 1 (cancelled) and 2 (failed).
!define WEBVIEW2_MISSING 3
!define IN_USE 4
!define OTHER_INSTALLER 5

; What the .msi package is known by in all its versions (salon.wxs).
!define PACKAGE "{5B0E1F0E-3C1A-4E53-9A3B-5E7C6A1D2F40}"

!if "${SCOPE}" == "machine"
  !define ROOT HKLM
  !define PLACE "$PROGRAMFILES64\${NAME}"
  RequestExecutionLevel admin
!else
  !define ROOT HKCU
  !define PLACE "$LOCALAPPDATA\Programs\${NAME}"
  RequestExecutionLevel user
!endif

Name "${NAME}"
OutFile "${OUT}"
VIProductVersion "${NUMBERS}.0"
VIAddVersionKey "ProductName" "${NAME}"
VIAddVersionKey "ProductVersion" "${VERSION}"
VIAddVersionKey "FileVersion" "${VERSION}"
VIAddVersionKey "FileDescription" "${NAME} installer"
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

; Goes on when the program is not running: a call is never cut off. Interactively the user is asked; silently
; it waits, or with /NOWAIT ends, with everything as it was. With /FORCE an installer goes on at once, beside the
; program that runs, which stays what it is until it ends.
!macro UNTIL_NOT_RUNNING UN
Function ${UN}UntilNotRunning
  again:
  IfFileExists "$INSTDIR\${PROGRAM}" 0 done
  ClearErrors
  ; Windows lets nobody write into a program that runs.
  FileOpen $0 "$INSTDIR\${PROGRAM}" a
  IfErrors running
  FileClose $0
  Goto done
  running:
  !if "${UN}" == ""
    ClearErrors
    ${GetOptions} $Parameters "/FORCE" $1
    ${IfNot} ${Errors}
      Call SetAside
      Goto done
    ${EndIf}
  !endif
  ClearErrors
  ${GetOptions} $Parameters "/NOWAIT" $1
  ${IfNot} ${Errors}
    SetErrorLevel ${IN_USE}
    Abort
  ${EndIf}
  IfSilent wait
  MessageBox MB_RETRYCANCEL|MB_ICONEXCLAMATION "${NAME} is running. End it, then try again." IDRETRY again
  SetErrorLevel ${IN_USE}
  Abort
  wait:
  Sleep 1000
  Goto again
  done:
FunctionEnd
!macroend
!insertmacro UNTIL_NOT_RUNNING ""
!insertmacro UNTIL_NOT_RUNNING "un."

; What runs can be renamed, and so gives its place away.
Function SetAside
  CreateDirectory "$INSTDIR\before"
  GetTempFileName $0 "$INSTDIR\before"
  Delete $0
  CreateDirectory $0
  Rename "$INSTDIR\${PROGRAM}" "$0\${PROGRAM}"
  Rename "$INSTDIR\WebView2Loader.dll" "$0\WebView2Loader.dll"
  Delete /REBOOTOK "$0\${PROGRAM}"
  Delete /REBOOTOK "$0\WebView2Loader.dll"
  RMDir /REBOOTOK $0
  RMDir /REBOOTOK "$INSTDIR\before"
FunctionEnd

Section "${NAME}" SectionProgram
  SectionIn RO
  ; What was set aside and has ended since.
  RMDir /r "$INSTDIR\before"
  Call UntilNotRunning
  SetOutPath "$INSTDIR"
  ; Beside the old program first: where there is no room for it, the old one stays.
  ClearErrors
  File "/oname=${PROGRAM}.new" "${PAYLOAD}/${PROGRAM}"
  IfErrors failed
  ; In one step, so that there is a whole program at every moment (1: one that is there is replaced).
  System::Call 'kernel32::MoveFileExW(w "$INSTDIR\${PROGRAM}.new", w "$INSTDIR\${PROGRAM}", i 1) i .r0'
  StrCmp $0 0 failed
  ClearErrors
  File "${PAYLOAD}/WebView2Loader.dll"
  File "${PAYLOAD}/LICENSE-APACHE"
  File "${PAYLOAD}/LICENSE-MIT"
  File "${PAYLOAD}/NOTICE"
  IfErrors failed
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
  WriteRegStr ${ROOT} "${UNINSTALL}" "Publisher" "${NAME}"
  WriteRegStr ${ROOT} "${UNINSTALL}" "InstallLocation" "$INSTDIR"
  WriteRegStr ${ROOT} "${UNINSTALL}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr ${ROOT} "${UNINSTALL}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD ${ROOT} "${UNINSTALL}" "NoModify" 1
  WriteRegDWORD ${ROOT} "${UNINSTALL}" "NoRepair" 1
  Call WebView2
  Goto done
  failed:
  Delete "$INSTDIR\${PROGRAM}.new"
  SetErrorLevel 2
  Abort "${NAME} cannot be written to $INSTDIR."
  done:
SectionEnd

Section /o "Start with Windows" SectionAutostart
  WriteRegStr ${ROOT} "${RUN}" "${NAME}" '"$INSTDIR\${PROGRAM}"'
SectionEnd

Function .onInit
  !insertmacro FOR_WHOM
  ${GetParameters} $Parameters
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
    InitPluginsDir
    File "/oname=$PLUGINSDIR\checks.dll" "${CHECKS}"
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
  !insertmacro FOR_WHOM
  ${GetParameters} $Parameters
FunctionEnd

Section "Uninstall"
  Call un.UntilNotRunning
  Delete "$INSTDIR\${PROGRAM}"
  Delete "$INSTDIR\WebView2Loader.dll"
  Delete "$INSTDIR\LICENSE-APACHE"
  Delete "$INSTDIR\LICENSE-MIT"
  Delete "$INSTDIR\NOTICE"
  RMDir /r "$INSTDIR\WebView2"
  RMDir /r "$INSTDIR\before"
  Delete "$INSTDIR\uninstall.exe"
  ; Only if nobody else put anything there.
  RMDir "$INSTDIR"
  Delete "$SMPROGRAMS\${NAME}.lnk"
  DeleteRegKey ${ROOT} "${CLASSES}\${SCHEME}"
  DeleteRegKey ${ROOT} "${CLASSES}\AppUserModelId\${IDENTIFIER}"
  DeleteRegValue ${ROOT} "${RUN}" "${NAME}"
  DeleteRegKey ${ROOT} "${UNINSTALL}"
  ; What the webview and the log left. Of other users nothing can be reached.
  SetShellVarContext current
  RMDir /r "$LOCALAPPDATA\${IDENTIFIER}"
  RMDir /r "$LOCALAPPDATA\${NAME}\logs"
  Delete "$LOCALAPPDATA\${NAME}\call.lock"
  RMDir "$LOCALAPPDATA\${NAME}"
  IfSilent +2
  MessageBox MB_OK|MB_ICONINFORMATION "${NAME} is gone. What you made with it stays: settings in $APPDATA\${SCHEME}, past meetings in $LOCALAPPDATA\${NAME}."
SectionEnd
