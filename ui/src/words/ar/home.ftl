# قبل المكالمة: الصفحة الرئيسية، وتسجيل الدخول، وقائمة الاجتماعات، وما يرن، وردهة الانتظار وأجهزتها.

back = رجوع
cancel = إلغاء
close = إغلاق
copy = نسخ
copied = تم النسخ
copy-by-hand = النص محدد: انسخه باستخدام Ctrl+C.
dismiss = تجاهل
dismiss-named = تجاهل: { $title }
join = انضمام
join-again = الانضمام من جديد
ok = حسنًا
try-again = إعادة المحاولة

window-title = { $title } – { $app }
window-lobby = قبل الانضمام إلى { $title }
dev-mode = وضع التطوير
dev-mode-servers = وضع التطوير: خوادم هذا الحاسوب موثوق بها. ليس للاجتماعات الحقيقية.
dev-mode-tokens = وضع التطوير: تُوقَّع الرموز على هذا الحاسوب. ليس للاجتماعات الحقيقية.
sign-in-expired-in-call = انتهت صلاحية تسجيل دخولك. سجّل الدخول من جديد لتتمكن من العودة بعد انقطاع.
way-token = جارٍ طلب رمز الاجتماع…
way-server = جارٍ سؤال خادم الوسائط…
way-free = الطريق إلى الاجتماع سالك.
way-check = فحص الاتصال

close-ask = هل تريد مغادرة المكالمة وإغلاق النافذة؟
close-words = يستمر الاجتماع من دونك.
close-yes = مغادرة وإغلاق
close-no = البقاء في المكالمة
lost-ask = هل تريد العودة إلى الاجتماع؟
lost-ask-yes = العودة إلى الاجتماع
lost-no = ليس الآن
lost-died = توقفت نافذة { $app } عن العمل وفُتحت من جديد. لم تعد في «{ $title }»: لا أحد هناك يراك أو يسمعك.
lost-reloaded = أُعيد تحميل نافذة { $app }. لم تعد في «{ $title }»: لا أحد هناك يراك أو يسمعك.
arrival-no = البقاء هنا
arrival-another = اجتماع آخر
arrival-named = «{ $title }»
arrival-placed = { $meeting } ({ $place })
arrival-in-call = هل تريد مغادرة هذه المكالمة والانضمام إلى الأخرى؟
arrival-in-call-words = يُفتح مكانها: { $meeting }. يمكنك العودة إلى هذه المكالمة لاحقًا.
arrival-in-call-yes = مغادرة وانضمام
arrival-in-lobby = هل تريد فتح اجتماع آخر؟
arrival-in-lobby-words = يؤدي رابط إلى: { $meeting }. سيُفتح بدلًا من الاجتماع الذي كنت على وشك الانضمام إليه.
arrival-in-lobby-yes = فتح

home-join = الانضمام إلى اجتماع
home-join-words = الصق الرابط الذي وصلك، أو اكتب اسم غرفة.
home-input = رابط أو اسم غرفة
home-input-hint = { $link } أو اسم غرفة
home-continue = متابعة
home-new = اجتماع جديد
home-more = المزيد
home-history = السجل
home-settings = الإعدادات
recent-title = الغرف الأخيرة
recent-with = { $since }، مع { $people }
recent-join = انضمام من جديد إلى { $title }

account = الحساب:
sign-out = تسجيل الخروج
sign-out-shared = تسجيل الخروج من حاسوب مشترك…
erase-ask = هل تريد تسجيل الخروج وعدم ترك أي شيء هنا؟
erase-words = ستُمحى من هذا الحاسوب اجتماعاتك السابقة واسمك وما اختير قبل الدخول وملفات السجل التقنية. لا يمكن التراجع عن ذلك.
erase-yes = تسجيل الخروج والمحو
erase-no = إبقاء تسجيل الدخول

sign-in-title = تسجيل الدخول إلى { $title }
sign-in-words = لرؤية اجتماعاتك ومعرفة متى يبدأ أحدها.
sign-in-kept-keyring = يُحفظ تسجيل دخولك في حافظة مفاتيح هذا الحاسوب.
sign-in-kept-memory = يُحفظ تسجيل دخولك حتى إغلاق { $app }، ولا يُكتب في أي مكان.
sign-in-waiting = أكمل تسجيل الدخول في المتصفح
sign-in-waiting-words = يتابع { $app } تلقائيًا فور الانتهاء.
sign-in-browser = تسجيل الدخول بالمتصفح
sign-in-paste = لصق رمز أو جلسة
sign-in-site = فتح موقع { $title }
paste-title = لصق بيانات تسجيل الدخول
paste-words-keyring = انسخ الرمز أو الجلسة التي يعرضها { $title } والصقها هنا. تُحفظ في حافظة مفاتيح هذا الحاسوب.
paste-words-memory = انسخ الرمز أو الجلسة التي يعرضها { $title } والصقها هنا. تُحفظ حتى إغلاق { $app }.
paste-field = رمز أو جلسة
paste-busy = جارٍ تسجيل الدخول…
paste-yes = تسجيل الدخول

meetings-title = اجتماعاتك
meetings-old = { $fault } قد تكون هذه القائمة قديمة.
meetings-looking = جارٍ البحث عن اجتماعاتك…
meetings-none = لا توجد اجتماعات الآن. عندما يبدأ أحدها يرن هنا.
meetings-fact = { $roles } · { $since }
meetings-elsewhere = أجبت على جهاز آخر.
meetings-join = انضمام إلى { $title } مع { $party }
meetings-more = المزيد عن { $title }
meetings-cancel = إلغاء الاجتماع
meetings-cancel-ask = هل تريد إلغاء هذا الاجتماع؟
meetings-cancel-words = يُلغى «{ $title }» بالنسبة إلى { $party } أيضًا.
meetings-cancel-no = الإبقاء عليه
meeting-untitled = اجتماع
user-unnamed = أنت
party-requester = الطرف الطالب
party-offerer = الطرف العارض
roles-offerer =
    { $known ->
        [no] قُبل عرضك
       *[yes] قَبِل { $party } عرضك
    }
roles-requester =
    { $known ->
        [no] قبلتَ العرض
       *[yes] قبلتَ عرض { $party }
    }
rings-label = مكالمات واردة
rings-join = الانضمام إلى الاجتماع
ring-offerer = تم قبول عرضك
ring-offerer-words =
    { $known ->
        [no] يمكن أن يبدأ الاجتماع.
       *[yes] يمكن لـ{ $party } بدء الاجتماع معك.
    }
ring-requester = قبلتَ العرض
ring-requester-words =
    { $known ->
        [no] يمكن أن يبدأ الاجتماع.
       *[yes] يمكن أن يبدأ الاجتماع مع { $party }.
    }
missed-label = مكالمات فائتة
missed-words = فاتتك مكالمة من { $party }، { $time }: «{ $title }»

place-room = الغرفة «{ $room }»
place-on = الغرفة «{ $room }» على { $server }
place-of = الغرفة «{ $room }» لدى { $server }

lobby-preview = صورة الكاميرا، معكوسة
lobby-camera-opening = جارٍ فتح الكاميرا…
lobby-camera-off = الكاميرا متوقفة
lobby-level = مستوى الميكروفون
lobby-quiet = لا نسمعك. قل شيئًا؛ وإن لم يتحرك الشريط فاختر ميكروفونًا آخر أو تأكد من أن ميكروفونك غير مكتوم.
lobby-words = تحقق من صورتك وصوتك، ثم انضم.
lobby-name = اسمك
lobby-name-hint = ما يراه الآخرون
lobby-joining = جارٍ الانضمام…
microphone = الميكروفون
camera = الكاميرا
speaker = مكبر الصوت
device-default = الافتراضي في النظام
device-unnamed = { $role } { $number }
device-none =
    { $role ->
        [microphone] لم يُعثر على ميكروفون
        [camera] لم يُعثر على كاميرا
       *[speaker] لم يُعثر على مكبر صوت
    }
switch-opening =
    { $role ->
        [microphone] جارٍ فتح الميكروفون… إبقاؤه متوقفًا
       *[camera] جارٍ فتح الكاميرا… إبقاؤها متوقفة
    }
switch-away =
    { $role ->
        [microphone] إبقاء الميكروفون متوقفًا
       *[camera] إبقاء الكاميرا متوقفة
    }
switch-off =
    { $role ->
        [microphone] إيقاف الميكروفون
       *[camera] إيقاف الكاميرا
    }
switch-on =
    { $role ->
        [microphone] تشغيل الميكروفون
       *[camera] تشغيل الكاميرا
    }
sound-title = صوتك
sound-echo = إزالة الصدى
sound-noise = تقليل الضوضاء
sound-gain = ضبط مستوى صوتي
sound-check-failed = لم ينجح ذلك مع هذه الأجهزة.
sound-check-tone = يُفترض أن تسمع نغمتين.
sound-check-recording = قل شيئًا…
sound-check-playing = هكذا يُسمع صوتك.
sound-check-play = تشغيل صوت
sound-check-echo = اسمع نفسك

duration-days =
    { $count ->
        [zero] { $count } يوم
        [one] يوم واحد
        [two] يومين
        [few] { $count } أيام
        [many] { $count } يومًا
       *[other] { $count } يوم
    }
duration-hours =
    { $count ->
        [zero] { $count } ساعة
        [one] ساعة واحدة
        [two] ساعتين
        [few] { $count } ساعات
        [many] { $count } ساعة
       *[other] { $count } ساعة
    }
duration-minutes =
    { $count ->
        [zero] { $count } دقيقة
        [one] دقيقة واحدة
        [two] دقيقتين
        [few] { $count } دقائق
        [many] { $count } دقيقة
       *[other] { $count } دقيقة
    }
duration-seconds =
    { $count ->
        [zero] { $count } ثانية
        [one] ثانية واحدة
        [two] ثانيتين
        [few] { $count } ثوانٍ
        [many] { $count } ثانية
       *[other] { $count } ثانية
    }
just-now = الآن
ago = منذ { $duration }
