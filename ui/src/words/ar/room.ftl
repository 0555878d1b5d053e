# الاجتماع: ما يحيط بالصور، وأزراره وقوائمه.

room-with = مع { $party }
room-live = مباشر
room-connecting = جارٍ الاتصال…
room-reconnecting = جارٍ إعادة الاتصال…
room-recording = جارٍ التسجيل
room-people = المشاركون، { $count }
room-interrupted = انقطع الاتصال. جارٍ إعادة الاتصال…
room-sound-waits = صوت هذا الاجتماع ينتظر نقرة.
room-sound-play = تشغيل
room-unheard = الميكروفون مكتوم: لا أحد يسمعك. لإلغاء الكتم: Ctrl+D.
room-unheard-or-hold = الميكروفون مكتوم: لا أحد يسمعك. لإلغاء الكتم: Ctrl+D، أو اضغط مطوّلًا على مفتاح المسافة.
room-participants = المشاركون

waiting-all-left = غادر جميع الآخرين.
waiting-nobody = لا يوجد أحد غيرك هنا بعد.
waiting-for = في انتظار { $party }…
invitation = الدعوة

control-mute = كتم
control-unmute = إلغاء الكتم
control-mute-opening = جارٍ الفتح… إبقاء الكتم
control-mute-away = إبقاء الكتم
control-sound-devices = الميكروفون ومكبر الصوت
control-chat = الدردشة
control-chat-unread =
    { $count ->
        [zero] الدردشة، لا رسائل غير مقروءة
        [one] الدردشة، رسالة واحدة غير مقروءة
        [two] الدردشة، رسالتان غير مقروءتين
        [few] الدردشة، { $count } رسائل غير مقروءة
        [many] الدردشة، { $count } رسالة غير مقروءة
       *[other] الدردشة، { $count } رسالة غير مقروءة
    }
control-leave = مغادرة
control-leave-or-end = مغادرة الاجتماع أو إنهاؤه
control-end = إنهاء للجميع
control-more = المزيد
control-layout = التخطيط
layout-grid = شبكة
layout-speaker = المتحدث كبيرًا
layout-unpin = إلغاء تثبيت { $name }
layout-own-show = إظهار صورتك
layout-own-hide = إخفاء صورتك
layout-own-move = نقل صورتك: مفاتيح الأسهم
layout-own-move-hint = نقل صورتك: اسحبها أو استخدم مفاتيح الأسهم
layout-to-grid = عرض الجميع في شبكة
layout-to-speaker = عرض المتحدث كبيرًا
pages-label = صفحات المشاركين
pages-previous = الصفحة السابقة
pages-next = الصفحة التالية

share-stop = إيقاف مشاركة شاشتك
share-start = مشاركة شاشتك
share-not-by-provider = لا يمكن مشاركة الشاشات في هذا الاجتماع
share-not-by-grant = لا يُسمح لك بمشاركة شاشتك في هذا الاجتماع
share-not-by-webview = لا يمكن مشاركة شاشتك من هذا النظام بعد
hand-lower = خفض يدك
hand-raise = رفع يدك
hand-not-by-provider = لا يمكن رفع اليد في هذا الاجتماع
hand-not-by-grant = لا يُسمح لك برفع يدك في هذا الاجتماع
hand-not-by-webview = لا يمكن رفع اليد من هذا النظام

react = تفاعل
reactions = التفاعلات
reactions-not-by-grant = لا يُسمح لك بالتفاعل في هذا الاجتماع
reactions-none = لا توجد تفاعلات في هذا الاجتماع
reaction-thumbs-up = إعجاب
reaction-heart = قلب
reaction-clapping = تصفيق
reaction-laughing = ضحك
reaction-surprised = دهشة
reaction-celebrating = احتفال

more-pictures = صور الآخرين
more-pictures-all = كل الصور
more-pictures-small = توفير البيانات: صور صغيرة
more-pictures-none = الصوت فقط: بلا صور
more-captions = التسميات التوضيحية
more-captions-read = قراءة التسميات بصوت عالٍ
more-transcript = النص المدوَّن
more-captions-start = بدء التسميات للجميع
more-captions-stop = إيقاف التسميات للجميع
more-record = تسجيل هذا الاجتماع…
more-record-stop = إيقاف التسجيل
more-full-screen = ملء الشاشة
more-full-screen-leave = إنهاء ملء الشاشة
more-shortcuts = اختصارات لوحة المفاتيح

record-ask = هل تريد تسجيل هذا الاجتماع؟
record-ask-words = يُبلَّغ جميع المشاركين بذلك، ويرونه طوال مدة التسجيل.
record-ask-yes = بدء التسجيل

key-ctrl = Ctrl
key-space = المسافة
key-page-up = Page Up
key-page-down = Page Down
shortcut-mute = كتم الميكروفون أو إلغاء كتمه
shortcut-camera = تشغيل الكاميرا أو إيقافها
shortcut-talk = التحدث ما دام مضغوطًا، إن كان الميكروفون مكتومًا
shortcut-hand = رفع يدك أو خفضها
shortcut-chat = فتح الدردشة أو إغلاقها
shortcut-layout = شبكة، أو المتحدث كبيرًا
shortcut-previous = الصفحة السابقة للمشاركين
shortcut-next = الصفحة التالية للمشاركين
shortcut-full = ملء الشاشة
shortcut-ring = إلى اجتماع يرن
shortcut-list = هذه القائمة
shortcut-single = المفاتيح بدون Ctrl تعمل أيضًا

host-asks-microphone = يطلب منك المضيف إلغاء كتم الميكروفون.
host-asks-camera = يطلب منك المضيف تشغيل الكاميرا.
host-yes-microphone = إلغاء الكتم
host-yes-camera = تشغيل
host-no-microphone = إبقاء الكتم
host-no-camera = إبقاؤها متوقفة
host-off-microphone = كتم المضيف ميكروفونك.
host-off-camera = أوقف المضيف الكاميرا لديك.
host-off-screen = أنهى المضيف مشاركة شاشتك.
host-off-screen-audio = كتم المضيف صوت شاشتك.
request-microphone = طلب { $name } التحدث.
request-camera = طلب { $name } تشغيل الكاميرا.
request-screen = طلب { $name } مشاركة الشاشة.
request-waiting =
    { $count ->
        [zero] لا طلبات أخرى في الانتظار.
        [one] طلب آخر في الانتظار.
        [two] طلبان آخران في الانتظار.
        [few] { $count } طلبات أخرى في الانتظار.
        [many] { $count } طلبًا آخر في الانتظار.
       *[other] { $count } طلب آخر في الانتظار.
    }
request-allow = سماح
request-deny = رفض
sharing-screen = أنت تشارك شاشتك. يراها جميع المشاركين.
sharing-named = أنت تشارك «{ $title }». يراها جميع المشاركين.
sharing-fluent = فيديو سلس
sharing-stop = إيقاف المشاركة

device-gone =
    { $role ->
        [microphone] لم يعد الميكروفون موجودًا.
        [camera] لم تعد الكاميرا موجودة.
       *[speaker] لم يعد مكبر الصوت موجودًا.
    }
device-gone-named = لم يعد الجهاز «{ $device }» موجودًا.
device-back =
    { $role ->
        [microphone] عاد الميكروفون.
        [camera] عادت الكاميرا.
       *[speaker] عاد مكبر الصوت.
    }
device-back-named = عاد الجهاز «{ $device }».
device-back-in-use =
    { $role ->
        [microphone] عاد الميكروفون وهو مستخدم من جديد.
        [camera] عادت الكاميرا وهي مستخدمة من جديد.
       *[speaker] عاد مكبر الصوت وهو مستخدم من جديد.
    }
device-back-in-use-named = عاد الجهاز «{ $device }» وهو مستخدم من جديد.
device-used-when-on =
    { $role ->
        [microphone] سيُستخدم عند تشغيل الميكروفون.
        [camera] ستُستخدم عند تشغيل الكاميرا.
       *[speaker] سيُستخدم عند تشغيل مكبر الصوت.
    }
device-instead =
    { $role ->
        [microphone] يُسمع صوتك عبر «{ $device }».
        [camera] تُرى صورتك عبر «{ $device }».
       *[speaker] يصلك الصوت عبر «{ $device }».
    }
device-nothing-instead =
    { $role ->
        [microphone] لا أحد يسمعك الآن.
        [camera] لا أحد يراك الآن.
       *[speaker] لا تسمع أحدًا الآن.
    }
device-stay-muted = إبقاء الكتم عند عودته
device-leave-off = إبقاؤها متوقفة عند عودتها
device-use-again = العودة إلى استخدام الجهاز

event-joined = انضم { $name }.
event-left = غادر { $name }.
event-hand-raised = رفع { $name } اليد.
event-hand-lowered = خفض { $name } اليد.
event-recorded = هذا الاجتماع قيد التسجيل.
event-recording-begun = بدأ التسجيل.
event-recording-ended = انتهى التسجيل.
event-message = كتب { $name }: { $text }
event-message-private = كتب { $name } إليك وحدك: { $text }
event-messages =
    { $count ->
        [zero] لا رسائل جديدة.
        [one] رسالة جديدة واحدة.
        [two] رسالتان جديدتان.
        [few] { $count } رسائل جديدة.
        [many] { $count } رسالة جديدة.
       *[other] { $count } رسالة جديدة.
    }
event-not-sent = لم تُرسل رسالتك.
notice-messages =
    { $count ->
        [zero] لا رسائل جديدة
        [one] رسالة جديدة واحدة
        [two] رسالتان جديدتان
        [few] { $count } رسائل جديدة
        [many] { $count } رسالة جديدة
       *[other] { $count } رسالة جديدة
    }
notice-private = رسالة إليك وحدك

tile-camera = كاميرا { $name }
tile-screen = شاشة { $name }
tile-options = خيارات { $name }
tile-options-screen = خيارات شاشة { $name }
tile-pinned = مثبَّت
tile-screen-of = شاشة
tile-hand = اليد مرفوعة
tile-muted = الميكروفون مكتوم
tile-muted-for-me = الصوت مكتوم لديك
tile-speaking = يتحدث
tile-own = (أنت)
tile-unpin = إلغاء التثبيت
tile-pin = تثبيت: عرض كبير
tile-hear = إعادة الصوت
tile-mute-for-me = كتم لديّ
tile-volume = مستوى الصوت لديّ
tile-mute-for-all = كتم للجميع
picture-camera-off = الكاميرا متوقفة
picture-screen-off = الشاشة متوقفة
picture-unwanted = الصوت فقط: لم تُطلب أي صور
picture-unplayable =
    { $source ->
        [camera] ترسل هذه الكاميرا { $codec }، ولا يمكن عرضه هنا
       *[screen] ترسل هذه الشاشة { $codec }، ولا يمكن عرضه هنا
    }
picture-broken =
    { $source ->
        [camera] لا يمكن عرض صور هذه الكاميرا هنا
       *[screen] لا يمكن عرض صور هذه الشاشة هنا
    }
picture-waiting = في انتظار الصورة…
picture-unseen = لا يرى الآخرون هذا بعد
picture-slow = متوقفة مؤقتًا: الاتصال بطيء جدًا
connection-own-poor = اتصالك ضعيف: قد يراك الآخرون ويسمعونك بتقطّع
connection-own-lost = فُقد اتصالك: لا يصل منك شيء
connection-poor = اتصال { $name } ضعيف: قد يتقطّع الصوت والصورة
connection-lost = فُقد اتصال { $name }: لا يصل شيء
zoom-tools = تكبير شاشة { $name }
zoom-in = تكبير
zoom-out = تصغير
zoom-whole = عرض الشاشة كاملة
zoom = نسبة التكبير

people = المشاركون
people-search = البحث عن مشاركين
people-search-hint = بحث
people-hands =
    { $count ->
        [zero] لا أيدٍ مرفوعة
        [one] يد واحدة مرفوعة
        [two] يدان مرفوعتان
        [few] { $count } أيدٍ مرفوعة
        [many] { $count } يدًا مرفوعة
       *[other] { $count } يد مرفوعة
    }
people-none = لا أحد هنا بهذا الاسم.
people-mute-all = كتم جميع الآخرين
people-end-ask = هل تريد إنهاء الاجتماع للجميع؟
people-end-words = يُخرَج جميع المشاركين من المكالمة.
people-end-yes = إنهاء
people-remove-ask = هل تريد إخراج { $name }؟
people-remove-words = يُخرَج هذا الشخص من المكالمة. ويمكن لمن يُسمح له بالانضمام أن يعود.
people-remove = إخراج
people-no = لا
person-microphone-on = الميكروفون يعمل
person-muted = الميكروفون مكتوم
person-camera-on = الكاميرا تعمل
person-camera-off = الكاميرا متوقفة
person-shares = يشارك شاشة
person-hand = اليد مرفوعة
person-you = أنت
person-more = إجراءات أخرى لـ{ $name }
person-write = إرسال رسالة خاصة

picker-words = يرى جميع المشاركين ما تختاره، إلى أن توقف المشاركة.
picker-screens = الشاشات
picker-windows = النوافذ
picker-whole = الشاشة كاملة
picker-screen = الشاشة { $number }
picker-window-unnamed = نافذة بلا اسم
picker-share = مشاركة

quality-title = الاتصال
quality-more = { $verdict } عرض المزيد
quality-unknown = لا يُعرف شيء عن اتصالك بعد.
quality-good = اتصالك جيد.
quality-fair-slow = اتصالك متوسط: استجابة الشبكة بطيئة.
quality-fair-loss = اتصالك متوسط: يضيع جزء مما يُرسل.
quality-fair-both = اتصالك متوسط: استجابة الشبكة بطيئة، ويضيع جزء مما يُرسل.
quality-poor-slow = اتصالك ضعيف: استجابة الشبكة بطيئة.
quality-poor-loss = اتصالك ضعيف: يضيع جزء مما يُرسل.
quality-poor-both = اتصالك ضعيف: استجابة الشبكة بطيئة، ويضيع جزء مما يُرسل.
quality-round-trip = الذهاب والإياب
quality-loss = الفقد
quality-jitter = التذبذب
quality-received = المستقبَل
quality-sent = المرسَل
quality-graph = { $title } في الدقائق الأخيرة، { $most } على الأكثر
quality-flows = ما يُستقبل ويُرسل
quality-what = العنصر
quality-codec = الترميز
quality-size = الحجم
quality-rate = المعدل
quality-delay = التأخير
quality-copy = نسخ تقرير بلا أسماء
quality-copied = تم النسخ
quality-not-copied = لم يسمح هذا النظام بنسخ التقرير
quality-own-sound = أنت، الصوت
quality-own-picture = أنت، الصورة
quality-sound = { $name }، الصوت
quality-picture = { $name }، الصورة
quality-somebody = شخص ما
