# الإعدادات والسجل وفحص الرموز.

settings-title = الإعدادات
settings-meetings = الاجتماعات
settings-sound = صوتك
settings-ringing = الرنين
settings-history = السجل
settings-updates = التحديثات
settings-look = اللغة
settings-advanced = متقدم
setting-name = اسمك
setting-name-hint = ما يراه الآخرون
setting-start-muted = البدء والميكروفون متوقف
setting-start-muted-note = يُفتح عند تشغيله أول مرة. أما كتمه بعد ذلك فيبقيه مفتوحًا ويرسل صمتًا.
setting-close-when-muted = إغلاق الميكروفون أثناء الكتم
setting-close-when-muted-note = يستغرق إلغاء الكتم عندئذٍ لحظة، ولا ينبهك شيء إلى أنك تتحدث وأنت مكتوم.
setting-start-camera-off = البدء والكاميرا متوقفة
setting-start-camera-off-note = الكاميرا المتوقفة مغلقة دائمًا.
setting-echo-note = لا يسمع الآخرون أنفسهم من مكبر صوتك.
setting-noise-note = للمراوح وحركة المرور؛ أوقفه عند عزف الموسيقى.
setting-gain-note = صوتك بقوة أصوات الآخرين، قرب الميكروفون وبعيدًا عنه.
setting-ringtone = تشغيل نغمة رنين
setting-notifications = إظهار إشعارات النظام
setting-tray = البقاء في منطقة الإشعارات عند إغلاق النافذة
setting-history = تذكر الاجتماعات السابقة
setting-history-days = عدد أيام التذكر (0: دائمًا)
setting-updates = تثبيت الإصدارات الجديدة
setting-updates-note = لا يحدث ذلك أثناء مكالمة. إن كان النظام قد ثبّت { $app } فهو من يحدّثه.
setting-update-notice = إبلاغي عند تثبيت إصدار جديد
setting-language = لغة التطبيق
setting-language-system = لغة النظام
setting-profile = ملف تعريف الخدمة
setting-backend = عنوان الخدمة
setting-server = خادم الوسائط
setting-stream-key = مفتاح Stream API
settings-whom = تُغيَّر الخوادم التي يتصل بها { $app } في الملف أدناه، لا هنا.
settings-dev-on = وضع التطوير مفعَّل.
settings-dev-off = وضع التطوير معطَّل.
settings-kept = تُحفظ هذه الإعدادات في
setting-saved = { $label }: تم الحفظ
setting-was-reset = { $label }: تمت إعادة الضبط
setting-reset = إعادة الضبط
setting-reset-named = إعادة الضبط: { $label }
setting-ignored = { $origin }؛ توجد قيمة أخرى غير مستخدمة
setting-after-restart = { $origin }؛ يسري بعد إعادة التشغيل
origin-unset = غير محدد
origin-default = افتراضي
origin-policy-default = حدّده مسبقًا مسؤول النظام
origin-user = حدّدتَه أنت
origin-environment = محدد لهذا التشغيل فقط: متغير البيئة { $name }
origin-command-line = محدد لهذا التشغيل فقط: سطر الأوامر { $name }
origin-link = محدد لهذا التشغيل فقط: رابط
origin-policy = ثبّته مسؤول النظام
diagnostics = التشخيص
diagnostics-words = لمن يساعدك: الإصدار والنظام والإعدادات ونهاية ملف السجل التقني، من دون اسمك ومن دون رموز. اقرأه قبل إرساله.
diagnostics-copied = ما يُنسخ

history-title = اجتماعاتك
history-words = تُحفظ هذه القائمة على هذا الحاسوب فقط.
history-search = بحث
history-search-hint = عنوان أو غرفة أو اسم
history-empty = لا توجد اجتماعات بعد. ستظهر هنا الاجتماعات التي تشارك فيها.
history-not-found = لا يوجد اجتماع يطابق «{ $search }».
history-with = مع { $people }
history-nobody-yet = لا أحد غيرك بعد
history-nobody = لم يكن هناك أحد غيرك
history-going-on = جارٍ الآن
history-lasted = المدة: { $duration }
history-ended = { $lasted }. { $why }
history-again = الانضمام من جديد: «{ $title }»، { $day }، { $time }
history-delete = حذف «{ $title }»، { $day }، { $time }
history-delete-ask = هل تريد حذف «{ $title }»؟
history-delete-words = سيُمحى من هذا الحاسوب. لا يمكن التراجع عن ذلك.
history-delete-yes = حذف
history-delete-no = إبقاء
history-deleted = حُذف «{ $title }».
history-clear = حذف الكل
history-clear-ask = هل تريد حذف جميع الاجتماعات؟
history-clear-words = ستُمحى القائمة كلها من هذا الحاسوب، بما فيها ما لا يُظهره البحث. لا يمكن التراجع عن ذلك.
history-cleared = حُذفت جميع الاجتماعات.
history-older = عرض الأقدم
history-csv = حفظ كجدول (CSV)
history-ics = حفظ لتقويم (ICS)
history-saved = حُفظ باسم { $place }
today = اليوم
yesterday = أمس
lasted-short = أقل من دقيقة
lasted-minutes = { $minutes } د
lasted-hours = { $hours } س
lasted-both = { $hours } س { $minutes } د
went-good = اتصال جيد
went-fair = اتصال متوسط
went-poor = اتصال ضعيف
went-broke =
    { $count ->
        [zero] لم ينقطع
        [one] انقطع مرة واحدة
        [two] انقطع مرتين
        [few] انقطع { $count } مرات
        [many] انقطع { $count } مرة
       *[other] انقطع { $count } مرة
    }
went-loss = لم يصل { $percent } %
went-delay = التأخير { $milliseconds } ms
went-frozen = تجمّدت الصورة لمدة { $duration }
# Set apart, as the number alone would change places with its letter.
went-height = الصورة حتى { "\u2068" }{ $height }p{ "\u2069" }

doctor-title = فحص رمز اجتماع
doctor-words = يُقرأ على هذا الحاسوب، ولا يُرسل ولا يُحفظ.
doctor-token = الرمز
doctor-examine = فحص
doctor-label = التشخيص
doctor-healthy = يبدو هذا الرمز سليمًا. الخادم وحده يستطيع التحقق من توقيعه.
doctor-ill = هذا الرمز لا يعمل.
doctor-kind = لمكالمات على
doctor-algorithm = موقَّع بـ
doctor-key = مفتاح API
doctor-identity = لمن هو
doctor-name = الاسم
doctor-room = الغرفة
doctor-allows = ما يسمح به
grant-join = دخول الغرفة
grant-speak = التحدث والظهور
grant-hear = سماع الآخرين ورؤيتهم
grant-write = الكتابة في الدردشة
grant-own-data = رفع اليد وتغيير الاسم الشخصي
grant-moderate = كتم الآخرين وإخراجهم
grant-make = إنشاء الغرف
grant-list = عرض قائمة الغرف
grant-record = التسجيل
doctor-yes = نعم
doctor-no = لا
token-begins = يسري بعد { $duration }.
token-ended = انتهى منذ { $duration }.
token-ends = ينتهي بعد { $duration }.
