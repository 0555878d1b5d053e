# What the program itself says, in Arabic.

### The icon in the tray

open = فتح { $app }
quit = إنهاء
join = انضمام: { $meeting }
join-what-rings = يرن الآن – انضمام: { $meeting }
the-meeting = الاجتماع
meeting-with = { $title } ({ $party })
ringing =
    { $count ->
        [zero] { $app }: لا يرن أي اجتماع
        [one] { $app }: يرن اجتماع
        [two] { $app }: يرن اجتماعان
        [few] { $app }: ترن { $count } اجتماعات
        [many] { $app }: يرن { $count } اجتماعًا
       *[other] { $app }: يرن { $count } اجتماع
    }

### Notifications

your-offer-accepted = قُبل عرضك
you-accepted = قبلت عرضًا: يمكن أن يبدأ الاجتماع
join-the-meeting = الانضمام إلى الاجتماع
dismiss = تجاهل
goes-on-ringing = يستمر { $app } في الرنين
    .next = أيقونته في شريط النظام تفتح النافذة مرة أخرى أو تنهي التطبيق. يمكن إيقاف ذلك من الإعدادات.
updated = تم تثبيت إصدار جديد
    .next = يعمل { $app } بالإصدار { $version } بدءًا من التشغيل التالي.
